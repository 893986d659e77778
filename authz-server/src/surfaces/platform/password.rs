//! `POST /auth/forgot-password` and `POST /auth/reset-password`

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
pub struct ForgotBody {
    #[schema(example = "ada@example.com")]
    email: String,
}

#[derive(Deserialize, ToSchema)]
pub struct ResetBody {
    /// From the mail.
    token: String,
    /// The new one.
    #[serde(alias = "new_password")]
    #[schema(format = Password)]
    password: String,
}

/// Ask for a mail with a link that sets a new password. The answer is the same for every address.
#[utoipa::path(post, path = "/forgot-password", tag = "platform", operation_id = "platform_forgot_password",
    request_body = ForgotBody, responses((status = 202, body = StatusBody)))]
pub async fn forgot(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<ForgotBody>,
) -> Result<Response, Failure> {
    let asked_in = AskedIn::default();
    state
        .authority
        .ask_by_mail(&ctx, Purpose::ResetPassword, &body.email, asked_in)
        .await?;
    Ok(private(StatusCode::ACCEPTED, &StatusBody::OK))
}

/// Set a new password with the token of the mail. Every session of the account ends.
#[utoipa::path(post, path = "/reset-password", tag = "platform", operation_id = "platform_reset_password",
    request_body = ResetBody, responses((status = 200, body = StatusBody)))]
pub async fn reset(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<ResetBody>,
) -> Result<Response, Failure> {
    let password = PlainSecret::new(&body.password);
    state
        .authority
        .reset_password(&ctx, &body.token, password)
        .await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}
