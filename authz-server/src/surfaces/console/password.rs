//! `POST /api/auth/forgot-password` and `reset-password`

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::people::AskedIn;
use http::StatusCode;
use model::challenge::Purpose;
use model::{Ctx, PlainSecret};
use serde::Deserialize;
use utoipa::ToSchema;

use super::wire::StatusBody;
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;

#[derive(Deserialize, ToSchema)]
pub struct ConsoleForgot {
    #[schema(example = "user@example.com")]
    email: String,
}

#[derive(Deserialize, ToSchema)]
pub struct ConsoleReset {
    /// From the mail.
    token: String,
    /// The new one.
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
    let asked_in = AskedIn::default();
    state
        .authority
        .ask_by_mail(&ctx, Purpose::ResetPassword, &body.email, asked_in)
        .await?;
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
    let password = PlainSecret::new(&body.password);
    state
        .authority
        .reset_password(&ctx, &body.token, password)
        .await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}
