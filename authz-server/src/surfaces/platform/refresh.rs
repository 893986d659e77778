//! `POST /auth/refresh`

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use serde::Deserialize;
use utoipa::ToSchema;

use super::wire::TokenPair;
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;

#[derive(Deserialize, ToSchema)]
#[schema(as = platform::RefreshBody)]
pub struct RefreshBody {
    refresh_token: String,
}

/// The next pair of tokens. A refresh token works once; used again later, it ends the sign-in it came from.
#[utoipa::path(post, path = "/refresh", tag = "platform", operation_id = "platform_refresh",
    request_body = RefreshBody, responses((status = 200, body = TokenPair)))]
pub async fn refresh(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<RefreshBody>,
) -> Result<Response, Failure> {
    let tokens = state
        .authority
        .refresh_first_party(&ctx, &body.refresh_token)
        .await?;
    Ok(private(StatusCode::OK, &TokenPair::from(tokens)))
}
