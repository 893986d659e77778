//! `/v1/users/me`: one's own account.
//! Refuses API keys: they manage no accounts.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;

use super::envelope::{Enveloped, enveloped};
use super::wire::UserBody;
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::caller::Signed;

/// Who is signed in.
#[utoipa::path(get, path = "/users/me", tag = "v1", operation_id = "v1_read_me", security(("bearer" = [])),
    responses((status = 200, body = Enveloped<UserBody>)))]
pub async fn read(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
) -> Result<Response, Failure> {
    let user = UserBody::of(&state, &ctx, &user).await?;
    Ok(enveloped(&ctx, StatusCode::OK, user))
}
