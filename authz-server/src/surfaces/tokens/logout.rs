//! `POST /api/logout`
//! Refuses nobody: without a live session there is nothing left to end.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use model::audit::Actor;

use super::wire::StatusBody;
use crate::app::AppState;
use crate::surfaces::answer::private;
use crate::surfaces::{Failure, Presented};

/// End the session of the token that is sent, if one is.
///
/// Without a credential nothing happens and the answer is the same.
#[utoipa::path(post, path = "/logout", tag = "tokens", operation_id = "tokens_logout",
    security(("bearer" = []), ()), responses((status = 200, body = StatusBody)))]
pub async fn log_out(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Extension(presented): Extension<Presented>,
) -> Result<Response, Failure> {
    if let Presented::Live(caller) = &presented
        && let Some(session) = caller.session()
    {
        let by = Actor::User(session.user_id);
        state.authority.end_session(&ctx, session.id, by).await?;
    }
    Ok(private(StatusCode::OK, &StatusBody::OK))
}
