//! `POST /auth/login` and `POST /auth/2fa/login-verify`

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::{Ctx, PlainSecret};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::chosen_account::{ChosenAccount, chosen_account};
use super::wire::SignedInBody;
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::sign_in::{self, Credentials, Outcome};

#[derive(Deserialize, ToSchema)]
#[schema(as = platform::LoginBody)]
pub struct LoginBody {
    #[schema(example = "ada@example.com")]
    email: String,
    #[schema(format = Password)]
    password: String,
    /// A code from the app or a backup code, to do both steps at once.
    totp_code: Option<String>,
    /// The account to act in, where somebody works in several; else their own. The header `X-Account-Id` says the same.
    #[schema(example = "123456789012")]
    account_id: Option<String>,
}

/// The tokens, or what waits for the second step.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum LoginAnswer {
    SignedIn(SignedInBody),
    SecondFactor(PendingBody),
}

#[derive(Serialize, ToSchema)]
pub struct PendingBody {
    /// Always `true` here.
    #[schema(example = true)]
    requires_2fa: bool,
    /// For the second step, good for five minutes and five tries.
    pending_token: String,
}

impl From<PlainSecret> for PendingBody {
    fn from(pending: PlainSecret) -> Self {
        Self {
            requires_2fa: true,
            pending_token: pending.expose().to_owned(),
        }
    }
}

#[derive(Deserialize, ToSchema)]
pub struct VerifyBody {
    /// Six digits from the app, or a backup code.
    #[serde(alias = "code")]
    #[schema(example = "123456")]
    otp: String,
    pending_token: String,
    /// As at the first step.
    #[schema(example = "123456789012")]
    account_id: Option<String>,
}

/// Sign in with email and password.
///
/// With two steps on and no code, the answer has `requires_2fa` and a `pending_token`, good for five minutes and
/// five tries.
#[utoipa::path(post, path = "/login", tag = "platform", operation_id = "platform_login",
    request_body = LoginBody, responses((status = 200, body = LoginAnswer)))]
pub async fn log_in(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    ChosenAccount(header): ChosenAccount,
    Body(body): Body<LoginBody>,
) -> Result<Response, Failure> {
    let account = chosen_account(header.as_ref(), body.account_id.as_deref())?;
    let given = Credentials {
        identifier: body.email,
        password: body.password,
        code: body.totp_code,
    };
    let answer = match sign_in::by_password(&state, &ctx, given).await? {
        Outcome::SignedIn(signed_in) => {
            LoginAnswer::SignedIn(SignedInBody::issue_in(&state, &ctx, &signed_in, account.as_ref()).await?)
        }
        Outcome::SecondFactor(pending) => LoginAnswer::SecondFactor(pending.into()),
    };
    Ok(private(StatusCode::OK, &answer))
}

/// The second step of a sign-in.
///
/// The code of the authenticator app, or a backup code; five tries within five minutes.
#[utoipa::path(post, path = "/2fa/login-verify", tag = "platform", operation_id = "platform_login_verify",
    request_body = VerifyBody, responses((status = 200, body = SignedInBody)))]
pub async fn verify(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    ChosenAccount(header): ChosenAccount,
    Body(body): Body<VerifyBody>,
) -> Result<Response, Failure> {
    let account = chosen_account(header.as_ref(), body.account_id.as_deref())?;
    let signed_in = sign_in::by_code(&state, &ctx, (&body.pending_token, &body.otp)).await?;
    let body = SignedInBody::issue_in(&state, &ctx, &signed_in, account.as_ref()).await?;
    Ok(private(StatusCode::OK, &body))
}
