//! `POST /auth/billing/webhooks/razorpay`: what the payment gateway tells.
//! Refuses whatever its signature does not cover byte for byte.

use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::billing::{BillingUnavailable, TakeEventError};
use http::{HeaderMap, StatusCode};
use model::Ctx;
use serde_json::json;

use crate::app::AppState;
use crate::http::single;
use crate::surfaces::Failure;

/// Takes what the payment gateway tells. Signed by the gateway; never counted on a limit.
///
/// 200 once it is noted, also when it was noted before or changes nothing here. Until then the gateway sends it again.
#[utoipa::path(post, path = "/auth/billing/webhooks/razorpay", tag = "platform", operation_id = "billing_webhook",
    params(
        ("X-Razorpay-Signature" = String, Header, description = "HMAC-SHA-256 over the body with the webhook's secret, 64 lower-case hexadecimal digits",
            example = "28a4e5e4b2f7e7b1c7b6a1c5c1d7a3f8e9b0d2c4f6a8b0c2d4e6f8a0b2c4d6e8"),
        ("X-Razorpay-Event-Id" = Option<String>, Header, description = "The same for every delivery of a message", example = "PXQ1VfJ3fT7CwB")),
    request_body(content = serde_json::Value, content_type = "application/json", description = "The gateway's message",
        example = json!({"entity": "event", "event": "payment.captured", "payload": {}, "created_at": 1_567_674_606})),
    responses(
        (status = 200, body = serde_json::Value, description = "Taken", example = json!({"status": "ok"})),
        (status = 404, description = "No payment gateway is configured")))]
pub async fn take(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signature = single(&headers, "x-razorpay-signature").unwrap_or_default();
    let id = single(&headers, "x-razorpay-event-id").unwrap_or_default();
    match state.authority.take_event(&ctx, &body, signature, id).await {
        Ok(_) => Json(json!({ "status": "ok" })).into_response(),
        Err(TakeEventError::Forged | TakeEventError::Malformed) => StatusCode::BAD_REQUEST.into_response(),
        Err(TakeEventError::Unavailable(BillingUnavailable::NotConfigured)) => {
            StatusCode::NOT_FOUND.into_response()
        }
        Err(TakeEventError::Unavailable(error)) => Failure::from(error).into_response(),
        Err(TakeEventError::Fault(fault)) => Failure::from(fault).into_response(),
    }
}
