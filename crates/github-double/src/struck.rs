//! The answers that a fault gives.
//! Looks at nothing but the fault and the time.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, StatusCode};
use serde_json::json;

use crate::Fault;
use crate::problem::{Problem, json_answer};

const EXHAUSTED: Problem = Problem::new(StatusCode::FORBIDDEN, "API rate limit exceeded")
    .at("https://docs.github.com/rest/overview/rate-limits-for-the-rest-api");
const SECONDARY: Problem = Problem::new(
    StatusCode::TOO_MANY_REQUESTS,
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
)
.at("https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits");

/// `None` closes the connection.
pub(crate) fn response(fault: Fault, now: i64) -> Option<Response> {
    Some(match fault {
        Fault::Close => return None,
        Fault::Status { status } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            json_answer(status, &json!({"message": "Server Error"}))
        }
        Fault::RateLimit { reset_in } => exhausted(5_000, now + i64::from(reset_in)),
        Fault::SecondaryRateLimit { retry_after } => {
            let wait = [("retry-after", retry_after.to_string())];
            (wait, SECONDARY).into_response()
        }
        Fault::BrokenJson => {
            let media_type = [("content-type", "application/json; charset=utf-8")];
            (media_type, r#"{"login":"octo"#).into_response()
        }
        // Answered by the real operation, after the delay.
        Fault::Slow { .. } => return None,
    })
}

/// The primary rate limit has been used up.
pub(crate) fn exhausted(limit: u32, reset: i64) -> Response {
    let headers = [
        (HeaderName::from_static("x-ratelimit-limit"), limit.to_string()),
        (HeaderName::from_static("x-ratelimit-remaining"), "0".to_owned()),
        (HeaderName::from_static("x-ratelimit-used"), limit.to_string()),
        (HeaderName::from_static("x-ratelimit-reset"), reset.to_string()),
        (HeaderName::from_static("x-ratelimit-resource"), "core".to_owned()),
    ];
    (headers, EXHAUSTED).into_response()
}
