//! `GET /observe`: what observing routes would have refused.
//! It refuses to tell of routes that refuse: those are in `/decisions`.

use crate::core::Core;
use crate::explain::Report;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use std::sync::Arc;

pub(super) fn router() -> Router<Arc<Core>> {
    Router::new().route("/observe", get(report))
}

async fn report(State(core): State<Arc<Core>>) -> Json<Report> {
    Json(core.observations.report(&core.live.load().routes))
}
