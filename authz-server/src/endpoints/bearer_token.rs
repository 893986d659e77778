//! The one access token that a request carries.
//! Refuses two at once: two headers, or header and body (RFC 6750 §2).

use axum::response::Response;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use oauth::bearer::{self, BearerError};
use oauth::error::OAuthError;

use super::answer::{at_resource, no_credential};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// From `Authorization: Bearer`, if it is there.
pub fn from_header(headers: &HeaderMap) -> Result<Option<&str>, Response> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(twice());
    }
    match bearer::parse(line.as_bytes()) {
        Ok(token) => Ok(Some(token)),
        Err(BearerError::OtherScheme) => Err(no_credential()),
        Err(_) => Err(at_resource(
            &OAuthError::invalid_request("The Authorization header is malformed"),
            None,
        )),
    }
}

/// From `Authorization: Bearer` or `X-API-Key`, exactly one of them.
pub fn from_either_header(headers: &HeaderMap) -> Result<&str, Response> {
    let mut keys = headers.get_all(API_KEY).iter();
    match (from_header(headers)?, keys.next(), keys.next()) {
        (Some(token), None, _) => Ok(token),
        (None, Some(key), None) => key.to_str().map_err(|_| no_credential()),
        (None, None, _) => Err(no_credential()),
        _ => Err(twice()),
    }
}

pub fn twice() -> Response {
    at_resource(
        &OAuthError::invalid_request("More than one credential was sent"),
        None,
    )
}
