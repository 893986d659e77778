//! `POST /catch-up`: the command line has changed something; the server looks before it answers.
//! Takes no instructions: all it can be made to do is to read.

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use domain::Authority;
use http::StatusCode;

pub(super) fn router(authority: Authority) -> Router {
    Router::new()
        .route("/catch-up", post(catch_up))
        .with_state(authority)
}

async fn catch_up(State(authority): State<Authority>) -> StatusCode {
    match authority.catch_up().await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(error) => {
            tracing::warn!(%error, "could not look at what the command line has changed");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
