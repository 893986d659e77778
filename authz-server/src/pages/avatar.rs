//! `/avatars/{id}`: the pictures of people, for whoever knows the address.
//! Refuses to be anything but a picture: fixed types, never sniffed, nothing in it runs.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use model::avatar::Avatar;

use crate::app::AppState;
use crate::http::fault;

/// Another upload has another address.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const POLICY: &str = "default-src 'none'; sandbox";

pub async fn show(State(state): State<AppState>, Path(id): Path<String>) -> Response {
    match state.authority.find_avatar(&id).await {
        Ok(Some(avatar)) => (headers(&avatar), avatar.bytes).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => fault(&error),
    }
}

/// U01
fn headers(avatar: &Avatar) -> HeaderMap {
    let fixed: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_TYPE, avatar.format.media_type()),
        (header::CACHE_CONTROL, FOR_EVER),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // Applications show it in their own pages.
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
    ];
    let mut headers: HeaderMap = fixed
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect();
    let file = format!("attachment; filename=\"avatar.{}\"", avatar.format.as_str());
    headers.extend(HeaderValue::try_from(file).map(|value| (header::CONTENT_DISPOSITION, value)));
    headers
}
