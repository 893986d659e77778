//! `/healthz` and `/readyz`, for the public listener and for operators.
//! The public answers carry no details (A08).

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};
use serde_json::{Map, Value, json};

use super::Readiness;

/// `/healthz` and `/readyz` as strangers may see them.
pub fn public_health(readiness: Readiness) -> Router {
    Router::new()
        .route("/healthz", get(live))
        .route("/readyz", get(ready))
        .with_state(readiness)
}

pub(super) async fn live() -> Response {
    answer(StatusCode::OK, json!({ "status": "ok" }))
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    if readiness.is_ready().await {
        answer(StatusCode::OK, json!({ "status": "ready" }))
    } else {
        answer(StatusCode::SERVICE_UNAVAILABLE, json!({ "status": "not ready" }))
    }
}

pub(super) async fn explain(State(readiness): State<Readiness>) -> Response {
    let report = readiness.report().await;
    let ready = report.values().all(Result::is_ok);
    let checks = report.into_iter().map(|(name, verdict)| {
        (
            name.to_owned(),
            Value::String(verdict.err().unwrap_or_else(|| "ok".to_owned())),
        )
    });
    let (status, word) = if ready {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    };
    answer(
        status,
        json!({ "status": word, "checks": checks.collect::<Map<_, _>>() }),
    )
}

fn answer(status: StatusCode, body: Value) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
