//! `GET /decisions`: what was refused lately, and what would have let it pass.
//! It refuses to list without a bound.

use crate::core::Core;
use crate::explain::{Detail, Listing, Record, Wanted, near, walk};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use std::sync::Arc;

const USUAL: usize = 50;
const MOST: usize = 1000;

pub(super) fn router() -> Router<Arc<Core>> {
    Router::new()
        .route("/decisions", get(list))
        .route("/decisions/{id}", get(one))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    route: Option<String>,
    code: Option<String>,
    limit: Option<usize>,
}

async fn list(State(core): State<Arc<Core>>, Query(filter): Query<Filter>) -> Response {
    let wanted = Wanted {
        route: filter.route,
        code: filter.code,
        limit: filter.limit.unwrap_or(USUAL).min(MOST),
    };
    let kept = core.decisions.list(&wanted);
    fresh(Json(Listing {
        decisions: kept.iter().map(|record| detail(&core, record)).collect(),
        passed_over: core.decisions.passed_over(),
    }))
}

async fn one(State(core): State<Arc<Core>>, Path(id): Path<String>) -> Response {
    let Some(record) = core.decisions.find(&id) else {
        let body = Json(serde_json::json!({
            "code": "unknown_decision",
            "detail": "It is not kept: too long ago, one of too many of its kind, another proxy's, not refused, or none at all.",
        }));
        return fresh((StatusCode::NOT_FOUND, body));
    };
    fresh(Json(detail(&core, &record)))
}

/// The record in words, by the routes as they are now.
fn detail(core: &Core, record: &Record) -> Detail {
    let live = core.live.load();
    let steps = walk(&live.routes, &record.host, &record.path, &record.method);
    Detail::of(record, near(&steps).as_ref())
}

fn fresh(answer: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], answer).into_response()
}
