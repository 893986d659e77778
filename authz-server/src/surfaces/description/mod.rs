//! What the surfaces say of themselves: OpenAPI 3.1 at `/openapi.json`, and a page that shows it at `/docs`.
//! Refuses to describe by hand what the handlers describe: only what holds for all of them is added here.

mod complete;
mod example;
mod page;
mod refusals;
mod vocabulary;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};
use sha2::{Digest, Sha256};

use super::limits::SurfaceLimits;

/// The document with everything that is the same everywhere. `issuer`: where the server is.
pub(super) fn document(
    described: &utoipa::openapi::OpenApi,
    issuer: &str,
    limits: &SurfaceLimits,
) -> serde_json::Value {
    let mut document = serde_json::to_value(described).unwrap_or_default();
    complete::complete(&mut document, issuer, limits);
    document
}

/// The document's text and its name for caches.
#[derive(Clone)]
struct Published(Arc<(String, String)>);

/// The routes of the document and its page.
pub fn router<S: Clone + Send + Sync + 'static>(document: &serde_json::Value) -> Router<S> {
    let text = document.to_string();
    let digest = Sha256::digest(text.as_bytes());
    let tag: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let published = Published(Arc::new((text, format!("\"{tag}\""))));
    Router::new()
        .route("/openapi.json", get(show))
        .route("/docs", get(page::show))
        .route(page::SCRIPT, get(page::script))
        .with_state(published)
}

async fn show(State(Published(published)): State<Published>, headers: HeaderMap) -> Response {
    let (text, tag) = published.as_ref();
    let named = [
        (header::ETAG, tag.as_str()),
        (header::CACHE_CONTROL, "public, max-age=60"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .any(|value| value == tag.as_str());
    if known {
        return (StatusCode::NOT_MODIFIED, named).into_response();
    }
    (named, [(header::CONTENT_TYPE, "application/json")], text.clone()).into_response()
}
