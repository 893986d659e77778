//! The web console's own address: where people end up with their tokens, or with what went wrong.
//! Refuses every other address: nothing in a request decides where tokens go.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use url::Url;

use crate::app::AppState;

/// What is appended to an address.
pub type Pairs<'a> = &'a [(&'a str, &'a str)];

/// As the operator has configured it.
pub struct FrontEnd(String);

impl FrontEnd {
    pub fn of(state: &AppState) -> Self {
        let settings = &state.authority.settings;
        Self(
            settings
                .front_end
                .clone()
                .unwrap_or_else(|| format!("{}/", settings.issuer)),
        )
    }

    /// With `query` and, unseen by servers on the way, `fragment`.
    pub fn go(&self, query: Pairs<'_>, fragment: Pairs<'_>) -> Response {
        let Ok(mut url) = Url::parse(&self.0) else {
            tracing::error!("the front end has no usable address");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        if !fragment.is_empty() {
            // `query_pairs_mut` writes the form encoding that a fragment takes as well.
            let mut written = url.clone();
            written.set_query(None);
            written.query_pairs_mut().extend_pairs(fragment);
            url.set_fragment(written.query());
        }
        found(url.as_str())
    }

    pub fn failed(&self, code: &str) -> Response {
        self.go(&[("error", code)], &[])
    }
}

/// 302 to an address that may carry secrets: kept by nobody, told to nobody.
pub fn found(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (StatusCode::FOUND, headers).into_response()
}
