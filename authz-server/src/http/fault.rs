//! What became of a request that the machinery failed.
//! Refuses details: they are logged here, once, and never told.

use axum::response::Response;
use domain::Fault;

use super::problem::Problem;

/// 503 when trying again makes sense, else 500.
pub fn fault(error: &Fault) -> Response {
    if error.is_transient() {
        tracing::warn!(%error, "a request was turned away");
        Problem::OVERLOADED.bare()
    } else {
        tracing::error!(%error, "a request failed");
        Problem::INTERNAL.bare()
    }
}
