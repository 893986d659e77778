//! How outcomes are written: RFC 6749 error bodies, challenges, JSON that nobody may store.
//! Refuses private detail: a fault says `server_error` and is logged once.

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain::Fault;
use http::{HeaderName, HeaderValue, StatusCode, header};
use oauth::challenge::Challenge;
use oauth::confirmation::HolderError;
use oauth::error::{Endpoint, ErrorCode, OAuthError};
use oauth::step_up::{LoginDemand, Shortfall};
use serde::Serialize;

pub const REALM: &str = "authz";
/// What proofs may be signed with (RFC 9449 §7.1).
pub const DPOP_ALGORITHMS: &str = "ES256 EdDSA PS256 RS256";

/// A JSON answer that must not be stored (RFC 6749 §5.1).
pub fn uncached(body: &impl Serialize) -> Response {
    not_stored(Json(body).into_response())
}

pub fn not_stored(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
        .headers_mut()
        .insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// An error to a client: token, introspection, revocation (RFC 6749 §5.2).
pub fn to_client(error: &OAuthError) -> Response {
    let mut response = not_stored((status(error, Endpoint::Client), Json(error)).into_response());
    if error.code() == ErrorCode::InvalidClient {
        challenge(&mut response, &Challenge::basic(REALM));
    }
    response
}

/// An error at a protected resource (RFC 6750 §3).
pub fn at_resource(error: &OAuthError, missing: Option<&oauth::scope::ScopeSet>) -> Response {
    let mut said = Challenge::bearer(REALM).error(error);
    if let Some(scopes) = missing {
        said = said.scope(scopes);
    }
    refused(status(error, Endpoint::Resource), error, &said)
}

/// RFC 9470 §3: the login behind the token is not enough; which one would be.
pub fn weak_login(shortfall: Shortfall, demand: &LoginDemand) -> Response {
    let error = shortfall.error();
    let said = Challenge::bearer(REALM).error(&error).login(demand);
    refused(status(&error, Endpoint::Resource), &error, &said)
}

/// A bound token without its proof, or the reverse (RFC 9449 §7.1, RFC 8705 §3).
pub fn unproven_holder(holder: HolderError) -> Response {
    let error = OAuthError::new(ErrorCode::InvalidToken, holder.to_string());
    let mut response = not_stored((StatusCode::UNAUTHORIZED, Json(error)).into_response());
    for said in Challenge::unproven_holder(REALM, DPOP_ALGORITHMS, holder) {
        challenge(&mut response, &said);
    }
    response
}

/// A good token for somebody else. RFC 9068 §4 names the error; 403 says that a new token of the same kind is of no use.
pub fn wrong_address() -> Response {
    let words = "The key may not be used from this address";
    at_resource(&OAuthError::new(ErrorCode::AccessDenied, words), None)
}

pub fn wrong_audience() -> Response {
    let error = OAuthError::new(
        ErrorCode::InvalidToken,
        "The token is not meant for this audience",
    );
    refused(
        StatusCode::FORBIDDEN,
        &error,
        &Challenge::bearer(REALM).error(&error),
    )
}

pub fn refused(status: StatusCode, error: &OAuthError, said: &Challenge) -> Response {
    let mut response = not_stored((status, Json(error)).into_response());
    challenge(&mut response, said);
    response
}

/// RFC 6750 §3.1: who sent no credential is not told of an error.
pub fn no_credential() -> Response {
    let mut response = not_stored(StatusCode::UNAUTHORIZED.into_response());
    challenge(&mut response, &Challenge::bearer(REALM));
    challenge(&mut response, &Challenge::dpop(REALM, DPOP_ALGORITHMS));
    response
}

/// A fault, in the form that clients of these endpoints read.
pub fn faulty(fault: &Fault) -> Response {
    if fault.is_transient() {
        tracing::warn!(%fault, "a request was turned away");
        let mut response = to_client(&OAuthError::temporarily_unavailable());
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        return response;
    }
    tracing::error!(%fault, "a request failed");
    to_client(&OAuthError::server_error())
}

/// `name: value`, when the value can be written in a header.
pub fn with_header(mut response: Response, name: HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

fn status(error: &OAuthError, endpoint: Endpoint) -> StatusCode {
    StatusCode::from_u16(error.http_status(endpoint)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn challenge(response: &mut Response, challenge: &Challenge) {
    if let Ok(value) = HeaderValue::from_str(&challenge.to_string()) {
        response.headers_mut().append(header::WWW_AUTHENTICATE, value);
    }
}
