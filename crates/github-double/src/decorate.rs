//! What surrounds every answer of the REST API: the demand for a user agent, the rate limit, the usual headers.
//! Leaves bodies alone.

use axum::response::{IntoResponse, Response};
use http::header::USER_AGENT;
use http::{HeaderName, HeaderValue, StatusCode};

use crate::call::Call;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::rate::Rate;
use crate::{Endpoint, random, struck};

const NO_USER_AGENT: &str = "\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). Check https://developer.github.com for other possible causes.\r\n";

/// Answers a call of the REST API.
pub(crate) fn api(
    call: &Call<'_>,
    endpoint: Endpoint,
    operation: impl FnOnce() -> Result<Response, Problem>,
) -> Response {
    if call.raw.header(USER_AGENT).is_none_or(str::is_empty) {
        return (StatusCode::FORBIDDEN, NO_USER_AGENT).into_response();
    }
    let key = call.caller.rate_key();
    let rate = call.shared.world().rates.count(key, call.now);
    if rate.exceeded() {
        return struck::exhausted(rate.limit, rate.reset);
    }
    let mut response = operation().unwrap_or_else(IntoResponse::into_response);
    add_rate(&mut response, rate);
    set(&mut response, "x-github-media-type", "github.v3; format=json");
    set(&mut response, "x-github-api-version-selected", "2022-11-28");
    if let Caller::User(token) = &call.caller {
        set(&mut response, "x-oauth-scopes", &token.scopes.join(", "));
        set(&mut response, "x-accepted-oauth-scopes", accepted(endpoint));
        set(&mut response, "x-oauth-client-id", &token.client_id);
    }
    response
}

/// Adds what every answer has.
pub(crate) fn any(response: &mut Response) {
    set(response, "x-github-request-id", &random::request_id());
    set(response, "server", "github.com");
}

fn add_rate(response: &mut Response, rate: Rate) {
    set(response, "x-ratelimit-limit", &rate.limit.to_string());
    set(response, "x-ratelimit-remaining", &rate.remaining().to_string());
    set(response, "x-ratelimit-used", &rate.used.to_string());
    set(response, "x-ratelimit-reset", &rate.reset.to_string());
    set(response, "x-ratelimit-resource", "core");
}

const fn accepted(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::UserEmails => "user, user:email",
        _ => "",
    }
}

fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
}
