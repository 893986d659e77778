//! The fields of a form that one of our pages posts.
//! Refuses other media types, repeated fields and more than a page of ours would send.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use oauth::params::{ParamLimits, Params};

/// Page forms carry the sealed flow, so values may be longer than a protocol parameter.
const LIMITS: ParamLimits = ParamLimits {
    total_len: 64 * 1024,
    fields: 40,
    value_len: 32 * 1024,
    repeatable: &[],
};

pub struct Posted(pub Params);

impl<S: Send + Sync> FromRequest<S> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        if !is_form(request.headers()) {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let params = Params::parse(&body, &LIMITS);
        params
            .map(Self)
            .map_err(|_| StatusCode::BAD_REQUEST.into_response())
    }
}

/// Whether the body says that it is a URL-encoded form.
pub fn is_form(headers: &http::HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

impl Posted {
    /// A field as typed; absent is empty.
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_default()
    }

    pub fn csrf(&self) -> Option<&str> {
        self.0.get("csrf")
    }
}
