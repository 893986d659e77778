//! The admin listener: health, readiness with reasons, metrics, and why requests were refused.
//! It refuses everything else, and is never reachable through a public listener.

mod decisions;
mod observe;

use crate::core::Core;
use crate::upstream;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use std::sync::Arc;

/// The admin pages.
pub fn router(core: Arc<Core>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .merge(decisions::router())
        .merge(observe::router())
        .with_state(core)
}

async fn readyz(State(core): State<Arc<Core>>) -> impl IntoResponse {
    match core.ready() {
        Ok(()) => (StatusCode::OK, "ok\n".to_owned()),
        Err(reason) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("not ready: {}\n", reason.as_str()),
        ),
    }
}

async fn metrics(State(core): State<Arc<Core>>) -> impl IntoResponse {
    let mut text = core.metrics.render(&core.state());
    upstream::render(&core.live.load().upstreams, core.clock.tick(), &mut text);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}
