//! `POST /api/auth/forgot-password` and `reset-password`

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use serde::Deserialize;
use utoipa::ToSchema;

use super::wire::StatusBody;
use crate::app::AppState;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::{Failure, forgotten};

#[derive(Deserialize, ToSchema)]
pub struct ConsoleForgot {
    #[schema(example = "user@example.com")]
    email: String,
}

#[derive(Deserialize, ToSchema)]
pub struct ConsoleReset {
    /// From the mail; good for 30 minutes and one use.
    #[schema(example = "az_ml_0123456789abcdefghijkl")]
    token: String,
    /// The new one: at least 8 characters, and none of the usual ones.
    #[schema(format = Password)]
    password: String,
}

/// Ask for a mail with a link that sets a new password. The answer is the same for every address.
#[utoipa::path(post, path = "/forgot-password", tag = "console", operation_id = "console_forgot_password",
    request_body = ConsoleForgot, responses((status = 202, body = StatusBody)))]
pub async fn forgot(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<ConsoleForgot>,
) -> Result<Response, Failure> {
    forgotten::ask(&state, &ctx, &body.email).await?;
    Ok(private(StatusCode::ACCEPTED, &StatusBody::OK))
}

/// Set a new password with the token of the mail, which works once and for 30 minutes. Every session of the user ends.
#[utoipa::path(post, path = "/reset-password", tag = "console", operation_id = "console_reset_password",
    request_body = ConsoleReset, responses((status = 200, body = StatusBody)))]
pub async fn reset(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<ConsoleReset>,
) -> Result<Response, Failure> {
    forgotten::reset(&state, &ctx, &body.token, &body.password).await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}
