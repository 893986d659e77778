//! How operations refuse: the answers that they share, and to which of them each belongs.
//! Refuses to know what a single operation refuses besides.

use serde_json::Value;

/// A refusal that operations share: status, name of the component, when, and an example's code and message.
pub(super) struct Refusal {
    pub(super) status: &'static str,
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
    pub(super) example: (&'static str, &'static str),
    pub(super) applies: fn(&Operation<'_>) -> bool,
}

/// An operation, as far as its refusals follow from it.
pub(super) struct Operation<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) content: &'a Value,
}

impl Operation<'_> {
    fn has_body(&self) -> bool {
        self.content.get("requestBody").is_some()
    }

    fn is_signed(&self) -> bool {
        self.content.get("security").is_some()
    }

    /// In its path, or in a query that it can't do without.
    fn names_something(&self) -> bool {
        let is_needed = |one: &Value| one["in"] == "query" && one["required"] == true;
        let parameters = self.content.get("parameters").and_then(Value::as_array);
        self.path.contains('{') || parameters.is_some_and(|all| all.iter().any(is_needed))
    }

    fn changes(&self) -> bool {
        self.method != "get"
    }

    pub(super) fn is_v1(&self) -> bool {
        self.path.starts_with("/v1")
    }
}

pub(super) const REFUSALS: [Refusal; 11] = [
    Refusal {
        status: "400",
        name: "BadRequest",
        meaning: "The request makes no sense; `details.fields` names the members that are wrong.",
        example: ("invalid_request", "Please check: email."),
        applies: |_| true,
    },
    Refusal {
        status: "401",
        name: "Unauthorized",
        meaning: "No credential was sent, or it is not, or no more, good for anything.",
        example: ("unauthorized", "Invalid or expired token."),
        applies: |_| true,
    },
    Refusal {
        status: "403",
        name: "Forbidden",
        meaning: "The caller is known and may not do this.",
        example: ("session_required", "This needs somebody who is signed in."),
        applies: |operation| operation.is_signed() || operation.changes(),
    },
    Refusal {
        status: "404",
        name: "NotFound",
        meaning: "There is no such thing, or it is somebody else's.",
        example: ("not_found", "There is nothing at this address."),
        applies: |operation| operation.names_something() || operation.is_signed(),
    },
    Refusal {
        status: "409",
        name: "Conflict",
        meaning: "It contradicts what is there: a name is taken, or an `Idempotency-Key` was used with another body.",
        example: (
            "email_taken",
            "There is an account with this email address already.",
        ),
        applies: |operation| operation.changes(),
    },
    Refusal {
        status: "410",
        name: "Gone",
        meaning: "A token that works once, or for a time, was used or has expired.",
        example: ("expired_token", "The link was used or has expired."),
        applies: |_| true,
    },
    Refusal {
        status: "413",
        name: "TooLarge",
        meaning: "The body is too large: 64 KiB, or 5 MiB where a picture is sent.",
        example: ("payload_too_large", "The request body is larger than 64 KiB."),
        applies: |operation| operation.has_body(),
    },
    Refusal {
        status: "415",
        name: "UnsupportedMediaType",
        meaning: "The body is not of the described type.",
        example: (
            "unsupported_media_type",
            "This form of request body is not understood here.",
        ),
        applies: |_| true,
    },
    Refusal {
        status: "429",
        name: "RateLimited",
        meaning: "Too many requests; `Retry-After` says when to come back, in seconds.",
        example: ("rate_limited", "Too many requests. Please try again later."),
        applies: |_| true,
    },
    Refusal {
        status: "500",
        name: "InternalError",
        meaning: "A fault of the server; the request id finds it in the log.",
        example: ("internal_error", "Something went wrong on the server."),
        applies: |_| true,
    },
    Refusal {
        status: "503",
        name: "Unavailable",
        meaning: "The server is busy; `Retry-After` says when to come back.",
        example: ("overloaded", "The server is busy. Please try again in a moment."),
        applies: |_| true,
    },
];
