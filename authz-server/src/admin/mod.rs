//! The operators' listener: health, readiness with its reasons, metrics.
//! It has no authentication, so it shows nothing that belongs to a user.

mod health;
mod metrics;
mod readiness;

use axum::{Router, routing::get};

pub use health::public_health;
pub use metrics::{Metrics, MetricsError};
pub use readiness::{Check, Readiness};

/// Everything the admin listener answers.
pub fn router(readiness: Readiness, metrics: Metrics) -> Router {
    Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::explain))
        .with_state(readiness)
        .route("/metrics", get(metrics::render).with_state(metrics))
}
