//! The REST API's errors: a status and a JSON object with message, documentation address and status.
//! Says no more than GitHub does.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

const DOCUMENTATION: &str = "https://docs.github.com/rest";

/// An error answer.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    message: &'static str,
    documentation: &'static str,
}

impl Problem {
    pub(crate) const fn new(status: StatusCode, message: &'static str) -> Self {
        Self {
            status,
            message,
            documentation: DOCUMENTATION,
        }
    }

    /// Points to a page of the documentation.
    pub(crate) const fn at(self, documentation: &'static str) -> Self {
        Self {
            documentation,
            ..self
        }
    }

    pub(crate) const fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    pub(crate) const fn bad_credentials() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Bad credentials")
    }

    pub(crate) fn is_bad_credentials(&self) -> bool {
        self.message == Self::bad_credentials().message
    }

    pub(crate) const fn requires_authentication() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Requires authentication")
    }

    pub(crate) const fn not_for_integrations() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Resource not accessible by integration")
    }

    pub(crate) const fn unreadable_body() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Problems parsing JSON")
    }

    pub(crate) const fn unprocessable(message: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "message": self.message,
            "documentation_url": self.documentation,
            "status": self.status.as_str(),
        });
        json_answer(self.status, &body)
    }
}

/// A JSON answer with GitHub's media type.
pub(crate) fn json_answer(status: StatusCode, body: &Value) -> Response {
    let media_type = [("content-type", "application/json; charset=utf-8")];
    (status, media_type, body.to_string()).into_response()
}
