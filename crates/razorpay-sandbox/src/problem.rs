//! A refusal in Razorpay's shape.
//! Says nothing of the sandbox's inside.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

/// What is answered instead of a result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    pub(crate) description: String,
    field: Option<String>,
    source: &'static str,
    step: &'static str,
    reason: &'static str,
    metadata: Value,
}

impl Problem {
    fn new(status: StatusCode, description: impl Into<String>) -> Self {
        Self {
            status,
            code: "BAD_REQUEST_ERROR",
            description: description.into(),
            field: None,
            source: "NA",
            step: "NA",
            reason: "NA",
            metadata: json!({}),
        }
    }

    /// A member that is not as it has to be.
    pub(crate) fn input(field: &str, description: impl Into<String>) -> Self {
        Self {
            field: Some(field.to_owned()),
            source: "business",
            step: "payment_initiation",
            reason: "input_validation_failed",
            ..Self::new(StatusCode::BAD_REQUEST, description)
        }
    }

    /// What was asked does not fit the state of the thing.
    pub(crate) fn state(description: impl Into<String>) -> Self {
        Self {
            source: "business",
            step: "payment_initiation",
            reason: "input_validation_failed",
            ..Self::new(StatusCode::BAD_REQUEST, description)
        }
    }

    pub(crate) fn because(self, reason: &'static str) -> Self {
        Self { reason, ..self }
    }

    pub(crate) fn no_such_id() -> Self {
        Self::state("The id provided does not exist")
    }

    pub(crate) fn no_such_url() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "The requested URL was not found on the server.",
        )
    }

    pub(crate) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Authentication failed")
    }

    pub(crate) fn too_many_requests() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "Request failed. Please try after sometime.",
        )
    }

    /// The server's own fault, with the given status.
    pub(crate) fn broken(status: StatusCode) -> Self {
        Self {
            code: if status == StatusCode::INTERNAL_SERVER_ERROR {
                "SERVER_ERROR"
            } else {
                "GATEWAY_ERROR"
            },
            ..Self::new(
                status,
                "We are facing some trouble completing your request at the moment. Please try again shortly.",
            )
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn body(&self) -> Value {
        json!({"error": {
            "code": self.code,
            "description": self.description,
            "field": self.field,
            "source": self.source,
            "step": self.step,
            "reason": self.reason,
            "metadata": self.metadata,
        }})
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        json_answer(self.status, &self.body())
    }
}

/// A JSON answer with this status.
pub(crate) fn json_answer(status: StatusCode, body: &Value) -> Response {
    let media_type = [(CONTENT_TYPE, "application/json; charset=UTF-8")];
    (status, media_type, body.to_string()).into_response()
}
