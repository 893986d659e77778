//! `POST /auth/forgot-password` and `POST /auth/reset-password`

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
pub struct ForgotBody {
    #[schema(example = "ada@example.com")]
    email: String,
}

#[derive(Deserialize, ToSchema)]
pub struct ResetBody {
    /// From the mail; good for 30 minutes and one use.
    #[schema(example = "az_ml_0123456789abcdefghijkl")]
    token: String,
    /// The new one: at least 8 characters, and none of the usual ones.
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
    forgotten::ask(&state, &ctx, &body.email).await?;
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
    forgotten::reset(&state, &ctx, &body.token, &body.password).await?;
    Ok(private(StatusCode::OK, &StatusBody::OK))
}
