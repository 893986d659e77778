//! `GET /oauth2/jwks`: the public keys (RFC 7517 §5).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;

use crate::app::AppState;

pub async fn show(State(state): State<AppState>) -> Response {
    let jwks = state.authority.keys.snapshot().jwks.clone();
    let headers = [
        (header::CONTENT_TYPE, "application/jwk-set+json"),
        // Shorter than the time a key is published before it signs.
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, jwks).into_response()
}
