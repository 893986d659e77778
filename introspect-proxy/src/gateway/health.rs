//! `/healthz` and `/readyz` on the public listeners.
//! They refuse to say anything but yes or no.

use crate::core::Core;
use crate::respond::Answer;
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};

/// The answer, when the path is one of the two.
pub fn answer(core: &Core, path: &str) -> Option<Answer> {
    let well = match path {
        "/healthz" => true,
        "/readyz" => core.ready().is_ok(),
        _ => return None,
    };
    let (status, text) = if well {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    };
    let headers = vec![
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Some(Answer {
        status,
        headers,
        body: Bytes::from_static(text.as_bytes()),
    })
}
