//! `POST /v1/auth/refresh`
//! Refuses to choose between its two documents: one answer has the members of both.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::envelope::Meta;
use super::wire::TokenPair;
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;

#[derive(Deserialize, ToSchema)]
#[schema(as = v1::Refresh)]
pub struct RefreshBody {
    refresh_token: String,
}

/// The next pair of tokens, twice: plainly, and in an envelope.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::Refreshed)]
pub struct RefreshedBody {
    token: String,
    refresh_token: Option<String>,
    data: RefreshedPair,
    meta: Meta,
}

#[derive(Serialize, ToSchema)]
#[schema(as = v1::RefreshedPair)]
pub struct RefreshedPair {
    /// As `access_token`.
    token: String,
    #[serde(flatten)]
    pair: TokenPair,
}

/// The next pair of tokens. A refresh token works once; used again later, it ends the sign-in it came from.
#[utoipa::path(post, path = "/auth/refresh", tag = "v1", operation_id = "v1_refresh",
    request_body = RefreshBody, responses((status = 200, body = RefreshedBody)))]
pub async fn refresh(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<RefreshBody>,
) -> Result<Response, Failure> {
    let tokens = state
        .authority
        .refresh_first_party(&ctx, &body.refresh_token)
        .await?;
    let token = tokens.access_token.expose().to_owned();
    let body = RefreshedBody {
        token: token.clone(),
        refresh_token: tokens
            .refresh_token
            .as_ref()
            .map(|token| token.expose().to_owned()),
        data: RefreshedPair {
            token,
            pair: tokens.into(),
        },
        meta: Meta::of(&ctx),
    };
    Ok(private(StatusCode::OK, &body))
}
