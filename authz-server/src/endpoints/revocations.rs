//! `GET /revocations`: the log, for proxies.
//! Refuses clients that are no proxies.

use axum::extract::{Extension, Query, State};
use axum::response::Response;
use domain::operation::PollSigns;
use http::HeaderMap;
use model::Ctx;
use oauth::error::{ErrorCode, OAuthError};

use super::answer::{faulty, to_client, uncached};
use super::client_request::authenticate_by_header;
use crate::app::AppState;

#[derive(serde::Deserialize)]
pub struct After {
    after: Option<u64>,
}

pub async fn read(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    headers: HeaderMap,
    Query(query): Query<After>,
) -> Response {
    let client = match authenticate_by_header(&state, &ctx, &headers, "/revocations").await {
        Ok(client) => client,
        Err(refusal) => return refusal,
    };
    if !client.settings.proxy {
        let error = OAuthError::new(
            ErrorCode::UnauthorizedClient,
            "Only a proxy may read the revocation log",
        );
        return to_client(&error);
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signs = PollSigns {
        instance: header("x-proxy-instance"),
        version: header("x-proxy-version"),
        after: query.after,
    };
    state.authority.note_poll(&ctx, &client.id, signs);
    let page = match query.after {
        None => state.authority.revocation_snapshot().await,
        Some(after) => state.authority.revocations_after(after).await,
    };
    match page {
        Ok(page) => uncached(&page),
        Err(fault) => faulty(&fault),
    }
}
