//! `POST /auth/verify-email` and `POST /auth/verify-email/resend`

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::people::{AskedIn, ConfirmEmailError};
use http::StatusCode;
use model::Ctx;
use model::challenge::Purpose;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::wire::StatusBody;
use crate::app::AppState;
use crate::surfaces::answer::private;
use crate::surfaces::body::{Body, OptionalBody};
use crate::surfaces::{Failure, Presented};

#[derive(Deserialize, ToSchema)]
pub struct VerifyEmailBody {
    /// Six digits from the mail.
    #[schema(example = "123456")]
    otp: String,
    /// Whose, for a caller that is not signed in.
    email: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct VerifiedBody {
    /// From now on.
    #[schema(example = true)]
    email_verified: bool,
}

#[derive(Deserialize, Default, ToSchema)]
pub struct ResendBody {
    /// Whose, for a caller that is not signed in.
    email: Option<String>,
}

/// Confirm the address with the code of the mail: five tries, ten minutes.
///
/// Without a credential the address is sent along.
#[utoipa::path(post, path = "/verify-email", tag = "platform", operation_id = "platform_verify_email",
    request_body = VerifyEmailBody, security(("bearer" = []), ()),
    responses((status = 200, body = VerifiedBody)))]
pub async fn verify(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Extension(presented): Extension<Presented>,
    Body(body): Body<VerifyEmailBody>,
) -> Result<Response, Failure> {
    let email = whose(&presented, body.email)?;
    state
        .authority
        .confirm_email_by_code(&ctx, &email, &body.otp)
        .await?;
    Ok(private(StatusCode::OK, &VerifiedBody { email_verified: true }))
}

/// Send another code. The answer is the same for every address.
#[utoipa::path(post, path = "/verify-email/resend", tag = "platform", operation_id = "platform_resend_verification",
    request_body = ResendBody, security(("bearer" = []), ()),
    responses((status = 202, body = StatusBody)))]
pub async fn resend(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Extension(presented): Extension<Presented>,
    OptionalBody(body): OptionalBody<ResendBody>,
) -> Result<Response, Failure> {
    let email = whose(&presented, body.email)?;
    let asked_in = AskedIn::default();
    state
        .authority
        .ask_by_mail(&ctx, Purpose::VerifyEmail, &email, asked_in)
        .await?;
    Ok(private(StatusCode::ACCEPTED, &StatusBody::OK))
}

/// The caller's own address, or the one that was named.
fn whose(presented: &Presented, named: Option<String>) -> Result<String, Failure> {
    if let Some(user) = presented.user() {
        return Ok(user.email.to_string());
    }
    named.ok_or_else(|| Failure::invalid_field("email", "is required from a caller that is not signed in"))
}

impl From<ConfirmEmailError> for Failure {
    fn from(error: ConfirmEmailError) -> Self {
        match error {
            ConfirmEmailError::Invalid => Self::new(
                StatusCode::BAD_REQUEST,
                "invalid_code",
                "The code is wrong, was used or has expired.",
            ),
            ConfirmEmailError::Taken => {
                Self::conflict("email_taken", "Somebody else has this address by now.")
            }
            ConfirmEmailError::Fault(fault) => fault.into(),
        }
    }
}
