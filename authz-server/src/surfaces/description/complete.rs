//! What every operation has in common: where it is, how callers show who they are, and how it refuses.
//! Refuses to touch what a handler has said itself.

use serde_json::{Map, Value, json};

/// A refusal that operations share: status, name of the component, when, and an example's code and message.
struct Refusal {
    status: &'static str,
    name: &'static str,
    meaning: &'static str,
    example: (&'static str, &'static str),
    applies: fn(&Operation<'_>) -> bool,
}

struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    content: &'a Value,
}

impl Operation<'_> {
    fn has_body(&self) -> bool {
        self.content.get("requestBody").is_some()
    }

    fn is_signed(&self) -> bool {
        self.content.get("security").is_some()
    }

    fn changes(&self) -> bool {
        self.method != "get"
    }

    fn is_v1(&self) -> bool {
        self.path.starts_with("/v1")
    }
}

const REFUSALS: [Refusal; 11] = [
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
        applies: |operation| operation.path.contains('{') || operation.is_signed(),
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

/// Headers of every answer.
const HEADERS: [(&str, &str, &str); 6] = [
    (
        "X-Request-Id",
        "string",
        "The name of this request in logs and audit; the caller's own if it was sane.",
    ),
    ("X-RateLimit-Limit", "integer", "Requests per window."),
    (
        "X-RateLimit-Remaining",
        "integer",
        "Requests left in this window.",
    ),
    (
        "X-RateLimit-Reset",
        "integer",
        "When the window ends, in epoch seconds.",
    ),
    ("RateLimit", "string", "The same in the IETF's form."),
    (
        "RateLimit-Policy",
        "string",
        "The limit and its window in the IETF's form.",
    ),
];

/// Adds to the document what holds for all operations.
pub(super) fn complete(document: &mut Value, issuer: &str) {
    document["openapi"] = json!("3.1.0");
    document["servers"] = json!([{ "url": issuer }]);
    add_components(&mut document["components"]);
    let Some(paths) = document["paths"].as_object_mut() else {
        return;
    };
    for (path, item) in paths {
        let Some(operations) = item.as_object_mut() else {
            continue;
        };
        for (method, content) in operations.iter_mut().filter(|(_, content)| content.is_object()) {
            shorten_summary(content);
            add_refusals(path, method, content);
        }
    }
}

/// The first sentence is what lists show; the others describe.
fn shorten_summary(content: &mut Value) {
    let Some(text) = content["summary"].as_str().map(str::to_owned) else {
        return;
    };
    let (first, rest) = text.split_once(". ").unwrap_or((&text, ""));
    content["summary"] = json!(first.trim_end_matches('.'));
    let more = [Some(rest), content["description"].as_str()];
    let more: Vec<&str> = more
        .into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
        .collect();
    if !more.is_empty() {
        content["description"] = json!(more.join("\n\n"));
    }
}

fn add_refusals(path: &str, method: &str, content: &mut Value) {
    let operation = Operation {
        method,
        path,
        content,
    };
    let casing = if operation.is_v1() { "V1" } else { "" };
    let applying: Vec<&Refusal> = REFUSALS
        .iter()
        .filter(|refusal| (refusal.applies)(&operation))
        .collect();
    let Some(responses) = content["responses"].as_object_mut() else {
        return;
    };
    for response in responses.values_mut() {
        response["headers"] = header_references();
    }
    for refusal in applying {
        let reference = json!({ "$ref": format!("#/components/responses/{casing}{}", refusal.name) });
        responses.entry(refusal.status).or_insert(reference);
    }
}

fn header_references() -> Value {
    let references = HEADERS.iter().map(|(name, ..)| {
        let reference = json!({ "$ref": format!("#/components/headers/{name}") });
        ((*name).to_owned(), reference)
    });
    Value::Object(references.collect())
}

fn add_components(components: &mut Value) {
    components["schemas"]["Error"] = error_schema();
    let headers = HEADERS.iter().map(|(name, kind, meaning)| {
        let header = json!({ "description": meaning, "schema": { "type": kind } });
        ((*name).to_owned(), header)
    });
    components["headers"] = Value::Object(headers.collect());
    let mut responses = Map::new();
    for refusal in &REFUSALS {
        let (code, message) = refusal.example;
        for (prefix, code) in [("", code.to_owned()), ("V1", code.to_ascii_uppercase())] {
            let example = json!({
                "error": { "code": code, "message": message, "details": {} },
                "meta": { "requestId": "req_0123456789abcdefghjkmnpqrs" },
            });
            let response = json!({
                "description": refusal.meaning,
                "headers": header_references(),
                "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Error" }, "example": example
                } },
            });
            responses.insert(format!("{prefix}{}", refusal.name), response);
        }
    }
    components["responses"] = Value::Object(responses);
    components["securitySchemes"] = json!({
        "bearer": { "type": "http", "scheme": "bearer", "description": "An access token, or an API key of any kind." },
        "apiKey": { "type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key." },
        "serviceKey": { "type": "apiKey", "in": "header", "name": "X-Service-Key", "description": "A service key." },
    });
}

fn error_schema() -> Value {
    json!({
        "type": "object",
        "required": ["error", "meta"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message", "details"],
                "properties": {
                    "code": { "type": "string", "description": "A stable word for programs; in capitals below /v1." },
                    "message": { "type": "string", "description": "A sentence for people." },
                    "details": { "type": "object", "description": "Extras such as `fields`, `retry_after`, `pending_token`." },
                },
            },
            "meta": {
                "type": "object",
                "required": ["requestId"],
                "properties": { "requestId": { "type": "string" } },
            },
        },
    })
}
