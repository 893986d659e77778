//! The operators' listener: health, readiness with its reasons, metrics, and the outbox of a server that sends no mail.
//! It has no authentication: whoever can reach it is an operator.

mod catch_up;
mod health;
mod metrics;
mod outbox;
mod readiness;

use axum::{Router, routing::get};

use domain::Authority;

use crate::outbound::mail::Outbox;

pub use health::public_health;
pub use metrics::{Metrics, MetricsError};
pub use readiness::{Check, Readiness};

/// Everything the admin listener answers.
pub fn router(
    readiness: Readiness,
    metrics: Metrics,
    outbox: Option<Outbox>,
    authority: Authority,
) -> Router {
    Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::explain))
        .with_state(readiness)
        .route("/metrics", get(metrics::render).with_state(metrics))
        .merge(outbox::router(outbox))
        .merge(catch_up::router(authority))
}
