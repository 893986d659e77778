//! `GET /v1/auth/me`
//! Refuses API keys: it tells of a person.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;

use super::wire::UserBody;
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::caller::Signed;

/// Who is signed in.
///
/// The account behind the token, with its plan.
#[utoipa::path(get, path = "/auth/me", tag = "v1", operation_id = "v1_me", security(("bearer" = [])),
    responses((status = 200, body = UserBody)))]
pub async fn me(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
) -> Result<Response, Failure> {
    let body = UserBody::of(&state, &ctx, &user).await?;
    Ok(private(StatusCode::OK, &body))
}
