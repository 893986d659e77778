//! What is said when no handler had an answer of its own: fixed words for each status.
//! Carries no private detail; what went wrong inside is logged, never told (A03).

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

/// A failure in public words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// A word for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub message: &'static str,
    /// After how many seconds it makes sense to try again.
    pub retry_after: Option<u32>,
}

impl Problem {
    /// More requests at once than configured.
    pub const OVERLOADED: Self = Self::later(
        StatusCode::SERVICE_UNAVAILABLE,
        "overloaded",
        "The server is busy. Please try again in a moment.",
        1,
    );
    /// The request took longer than configured.
    pub const TIMED_OUT: Self = Self::later(
        StatusCode::SERVICE_UNAVAILABLE,
        "timeout",
        "The answer took too long. Please try again.",
        1,
    );
    /// A fault of the server.
    pub const INTERNAL: Self = Self::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal_error",
        "Something went wrong on the server.",
    );
    pub(super) const TOO_LARGE: Self = Self::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "payload_too_large",
        "The request body is too large.",
    );
    pub(super) const URI_TOO_LONG: Self = Self::new(
        StatusCode::URI_TOO_LONG,
        "uri_too_long",
        "The address is longer than 8 KiB.",
    );
    pub(super) const HEADERS_TOO_LARGE: Self = Self::new(
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        "headers_too_large",
        "The request has more than 32 KiB or 100 fields of headers.",
    );
    pub(super) const UNSUPPORTED_MEDIA_TYPE: Self = Self::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        "This form of request body is not understood here.",
    );

    const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self {
            status,
            code,
            message,
            retry_after: None,
        }
    }

    const fn later(status: StatusCode, code: &'static str, message: &'static str, seconds: u32) -> Self {
        Self {
            status,
            code,
            message,
            retry_after: Some(seconds),
        }
    }

    /// The words for a status that came without any.
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::new(status, "unauthorized", "You need to sign in first."),
            StatusCode::FORBIDDEN => Self::new(status, "forbidden", "You may not do this."),
            StatusCode::NOT_FOUND => Self::new(status, "not_found", "There is nothing at this address."),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                status,
                "method_not_allowed",
                "This address does not take such requests.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => Self::TOO_LARGE,
            StatusCode::URI_TOO_LONG => Self::URI_TOO_LONG,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UNSUPPORTED_MEDIA_TYPE,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::HEADERS_TOO_LARGE,
            StatusCode::TOO_MANY_REQUESTS => Self::new(
                status,
                "too_many_requests",
                "Too many requests. Please try again later.",
            ),
            StatusCode::SERVICE_UNAVAILABLE => {
                Self::later(status, "unavailable", "The server cannot do this right now.", 1)
            }
            _ if status.is_client_error() => {
                Self::new(status, "bad_request", "The request could not be understood.")
            }
            _ => Self {
                status,
                ..Self::INTERNAL
            },
        }
    }

    /// An answer without a body; the frame puts the words in, in the form that was asked for.
    pub(crate) fn bare(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
