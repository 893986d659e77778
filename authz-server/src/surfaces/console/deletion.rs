//! `GET /api/auth/deletion-status`, `POST request-deletion` and `cancel-deletion`

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::people::RequestDeletionError;
use http::StatusCode;
use model::Ctx;
use model::user::User;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::StatusBody;
use crate::app::AppState;
use crate::surfaces::answer::private;
use crate::surfaces::body::{Body, OptionalBody};
use crate::surfaces::caller::Signed;
use crate::surfaces::second_step::Shown;
use crate::surfaces::{Failure, time};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeletionBody {
    /// Whether the account is to be erased.
    pending: bool,
    requested_at: Option<String>,
    /// When the account is erased unless that is cancelled before.
    scheduled_for: Option<String>,
}

#[derive(Deserialize, Default, ToSchema)]
pub struct RequestDeletion {
    /// Not needed within five minutes of a sign-in.
    #[schema(format = Password)]
    password: Option<String>,
    /// Of an authenticator app, or a backup code; needed besides the password where the sign-in was spared it.
    totp_code: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub struct CancelDeletion {
    /// From the mail.
    #[schema(example = "az_ml_0123456789abcdefghijkl")]
    token: String,
}

async fn body(state: &AppState, user: &User) -> Result<DeletionBody, Failure> {
    let pending = state.authority.pending_deletion(user).await?;
    Ok(DeletionBody {
        pending: pending.is_some(),
        requested_at: pending
            .as_ref()
            .map(|deletion| time::rfc3339(deletion.requested_at)),
        scheduled_for: pending.map(|deletion| time::rfc3339(deletion.scheduled_for)),
    })
}

/// Whether the account is to be erased, and when.
///
/// While `pending`, everything goes on, and the deletion can be cancelled.
#[utoipa::path(get, path = "/deletion-status", tag = "console", operation_id = "console_deletion_status",
    security(("bearer" = [])), responses((status = 200, body = DeletionBody)))]
pub async fn status(State(state): State<AppState>, Signed { user, .. }: Signed) -> Result<Response, Failure> {
    Ok(private(StatusCode::OK, &body(&state, &user).await?))
}

/// Ask for the account to be erased after the time of grace. A mail tells how to cancel.
#[utoipa::path(post, path = "/request-deletion", tag = "console", operation_id = "console_request_deletion",
    security(("bearer" = [])), request_body = RequestDeletion, responses((status = 202, body = DeletionBody)))]
pub async fn request(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, session }: Signed,
    OptionalBody(given): OptionalBody<RequestDeletion>,
) -> Result<Response, Failure> {
    let shown = Shown::new(given.password, given.totp_code);
    let authority = &state.authority;
    authority
        .request_deletion_with(&ctx, (&user, &session), shown.presence())
        .await?;
    Ok(private(StatusCode::ACCEPTED, &body(&state, &user).await?))
}

/// Keep the account after all.
///
/// With the token of the mail that told of the deletion; it works until the account is erased.
#[utoipa::path(post, path = "/cancel-deletion", tag = "console", operation_id = "console_cancel_deletion",
    request_body = CancelDeletion, responses((status = 200, body = StatusBody)))]
pub async fn cancel(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(given): Body<CancelDeletion>,
) -> Result<Response, Failure> {
    if state
        .authority
        .cancel_deletion_by_link(&ctx, &given.token)
        .await?
    {
        Ok(private(StatusCode::OK, &StatusBody::OK))
    } else {
        Err(Failure::gone(
            "The token was used, or there is nothing to cancel any more.",
        ))
    }
}

impl From<RequestDeletionError> for Failure {
    fn from(error: RequestDeletionError) -> Self {
        match error {
            RequestDeletionError::Presence(error) => error.into(),
            RequestDeletionError::OnlyAdministrator => Self::conflict(
                "only_administrator",
                "Nobody else administers this server. Make somebody else an administrator first.",
            ),
            RequestDeletionError::Fault(fault) => fault.into(),
        }
    }
}
