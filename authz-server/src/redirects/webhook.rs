//! `POST /api/auth/github-app/webhook`: what GitHub tells of installations.
//! Refuses whatever its signature does not cover byte for byte.

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::github_app::{Delivery, EventError};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use model::Ctx;
use serde_json::json;

use crate::app::AppState;
use crate::http::{fault, single};

/// Takes what GitHub tells of installations. Signed by GitHub; never counted on a limit.
#[utoipa::path(post, path = "/api/auth/github-app/webhook", tag = "console", operation_id = "console_github_app_webhook",
    params(
        ("X-GitHub-Delivery" = String, Header, description = "The delivery's own id: each is taken once", example = "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        ("X-GitHub-Event" = String, Header, description = "What it is about", example = "installation"),
        ("X-Hub-Signature-256" = String, Header, description = "HMAC-SHA-256 over the body with the shared secret",
            example = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")),
    request_body(content = serde_json::Value, content_type = "application/json", description = "GitHub's event",
        example = json!({"action": "created", "installation": {"id": 4711}})),
    responses(
        (status = 200, body = serde_json::Value, description = "Taken", example = json!({"status": "ok"})),
        (status = 404, description = "No GitHub App is configured")))]
pub async fn take(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let kind = single(&headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let delivery = Delivery {
        id: single(&headers, "x-github-delivery").unwrap_or_default(),
        event: single(&headers, "x-github-event").unwrap_or_default(),
        signature: single(&headers, "x-hub-signature-256").unwrap_or_default(),
        body: &body,
    };
    match state.authority.take_github_event(&ctx, delivery).await {
        Ok(_) => Json(json!({ "status": "ok" })).into_response(),
        Err(EventError::NotConfigured) => StatusCode::NOT_FOUND.into_response(),
        Err(EventError::Forged | EventError::Malformed) => StatusCode::BAD_REQUEST.into_response(),
        Err(EventError::Fault(error)) => fault(&error),
    }
}
