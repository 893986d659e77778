//! Counts and durations of requests, by route template.
//! Takes no label from what a stranger can choose.

use std::time::Duration;

use http::{Method, StatusCode};
use metrics::{counter, histogram};

pub(super) fn answered(method: &Method, route: &str, status: StatusCode, took: Duration) {
    let method = label(method);
    let route = route.to_owned();
    counter!("http_requests_total", "method" => method, "route" => route.clone(), "status" => status.as_str().to_owned())
        .increment(1);
    histogram!("http_request_duration_seconds", "method" => method, "route" => route).record(took);
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    if status.is_server_error() {
        tracing::warn!(status = status.as_u16(), micros, "answered");
    } else {
        tracing::debug!(status = status.as_u16(), micros, "answered");
    }
}

pub(super) fn panicked() {
    counter!("http_panics_total").increment(1);
}

pub(super) fn label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
