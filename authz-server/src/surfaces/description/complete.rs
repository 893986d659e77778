//! What every operation has in common: where it is, how callers show who they are, and how it refuses.
//! Refuses to touch what a handler has said itself.

use serde_json::{Map, Value, json};

use super::refusals::{Operation, REFUSALS, Refusal};
use super::{example, vocabulary};
use crate::surfaces::limits::SurfaceLimits;

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
pub(super) fn complete(document: &mut Value, issuer: &str, limits: &SurfaceLimits) {
    document["openapi"] = json!("3.1.0");
    document["servers"] = json!([{ "url": issuer, "description": "This server." }]);
    add_components(&mut document["components"]);
    let schemas = complete_schemas(document);
    let Some(paths) = document["paths"].as_object_mut() else {
        return;
    };
    for (path, item) in paths {
        let Some(operations) = item.as_object_mut() else {
            continue;
        };
        for (method, content) in operations.iter_mut().filter(|(_, content)| content.is_object()) {
            shorten_summary(content);
            describe_answers(content);
            let parameters = content.get_mut("parameters").and_then(Value::as_array_mut);
            parameters
                .into_iter()
                .flatten()
                .for_each(vocabulary::fill_parameter);
            example::add_examples(content, &schemas);
            add_limit(path, method, (content, limits));
            add_refusals(path, method, content);
        }
    }
}

fn complete_schemas(document: &mut Value) -> Value {
    let schemas = document.pointer_mut("/components/schemas");
    for (_, schema) in schemas.and_then(Value::as_object_mut).into_iter().flatten() {
        vocabulary::fill_schema(schema);
    }
    document["components"]["schemas"].clone()
}

/// Which limit a call counts on, for programs that plan ahead.
fn add_limit(path: &str, method: &str, (content, limits): (&mut Value, &SurfaceLimits)) {
    let method = method.to_ascii_uppercase().parse().unwrap_or_default();
    if let Some((name, rate)) = limits.told(&method, path) {
        content["x-rate-limit"] = json!({
            "name": name, "requests": rate.quota(), "window_seconds": rate.window().as_secs(),
        });
    }
}

/// A good answer of which nothing was said.
fn describe_answers(content: &mut Value) {
    let answers = content["responses"].as_object_mut().into_iter().flatten();
    for (status, answer) in answers {
        if answer["description"].as_str().is_none_or(str::is_empty) {
            answer["description"] = json!(match status.as_str() {
                "201" => "It was made.",
                "202" => "It was taken; the rest comes by mail.",
                "204" => "It was done; there is nothing to say.",
                "302" | "303" | "307" => "The browser goes on at `Location`.",
                _ => "It was done.",
            });
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
                "description": "What went wrong.",
                "required": ["code", "message", "details"],
                "properties": {
                    "code": { "type": "string", "description": "A stable word for programs; in capitals below /v1.",
                        "example": "not_found" },
                    "message": { "type": "string", "description": "A sentence for people.",
                        "example": "There is nothing at this address." },
                    "details": { "type": "object", "description": "Extras such as `fields`, `retry_after`, `pending_token`.",
                        "example": { "fields": { "email": "is not an email address" } } },
                },
            },
            "meta": {
                "type": "object",
                "description": "Of which request this is the answer.",
                "required": ["requestId"],
                "properties": { "requestId": { "type": "string", "description": "What finds this request in the log.",
                    "example": "req_0123456789abcdefghjkmnpqrs" } },
            },
        },
    })
}
