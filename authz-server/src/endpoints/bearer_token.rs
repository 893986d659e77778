//! The one access token that a request carries.
//! Refuses two at once: two headers, or header and body (RFC 6750 §2).

use axum::response::Response;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use oauth::bearer::{self, BearerError, Scheme};
use oauth::error::OAuthError;

use super::answer::{at_resource, no_credential};

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// From `Authorization`, if it is there.
pub fn from_header(headers: &HeaderMap) -> Result<Option<(Scheme, &str)>, Response> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(twice());
    }
    match bearer::parse_any(line.as_bytes()) {
        Ok(presented) => Ok(Some(presented)),
        Err(BearerError::OtherScheme) => Err(no_credential()),
        Err(_) => Err(at_resource(
            &OAuthError::invalid_request("The Authorization header is malformed"),
            None,
        )),
    }
}

/// From `Authorization` or `X-API-Key`, exactly one of them.
pub fn from_either_header(headers: &HeaderMap) -> Result<(Scheme, &str), Response> {
    let mut keys = headers.get_all(API_KEY).iter();
    match (from_header(headers)?, keys.next(), keys.next()) {
        (Some(token), None, _) => Ok(token),
        (None, Some(key), None) => {
            let key = key.to_str().map_err(|_| no_credential())?;
            Ok((Scheme::Bearer, key))
        }
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
