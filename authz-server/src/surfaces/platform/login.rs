//! `POST /auth/login` and `POST /auth/2fa/login-verify`

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    /// For `/auth/2fa/login-verify`, good for five minutes and five tries.
    pending_token: String,
}

#[derive(Deserialize, ToSchema)]
pub struct VerifyBody {
    /// Six digits from the app, or a backup code.
    #[serde(alias = "code")]
    #[schema(example = "123456")]
    otp: String,
    pending_token: String,
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
    Body(body): Body<LoginBody>,
) -> Result<Response, Failure> {
    let given = Credentials {
        identifier: body.email,
        password: body.password,
        code: body.totp_code,
    };
    let answer = match sign_in::by_password(&state, &ctx, given).await? {
        Outcome::SignedIn(signed_in) => {
            LoginAnswer::SignedIn(SignedInBody::issue(&state, &ctx, &signed_in).await?)
        }
        Outcome::SecondFactor(pending) => LoginAnswer::SecondFactor(PendingBody {
            requires_2fa: true,
            pending_token: pending.expose().to_owned(),
        }),
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
    Body(body): Body<VerifyBody>,
) -> Result<Response, Failure> {
    let signed_in = sign_in::by_code(&state, &ctx, (&body.pending_token, &body.otp)).await?;
    let body = SignedInBody::issue(&state, &ctx, &signed_in).await?;
    Ok(private(StatusCode::OK, &body))
}
