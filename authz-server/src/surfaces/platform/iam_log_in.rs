//! `POST /auth/iam-login` and `POST /auth/iam-login/verify`
//! Refuses wrong account, wrong name and wrong password with one answer.

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::oauth::{FirstParty, Renewal};
use domain::people::{IamLogIn, IamLoginError, IamPasswordError, IamVerify, SignIn, SignedIn};
use http::StatusCode;
use model::iam::IamUser;
use model::{Ctx, PlainSecret};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::login::PendingBody;
use super::wire::TokenPair;
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;

#[derive(Deserialize, ToSchema)]
pub struct IamLoginBody {
    /// Twelve digits.
    #[schema(example = "123456789012")]
    account_id: String,
    #[schema(example = "deploy.bot")]
    username: String,
    #[schema(format = Password)]
    password: String,
    /// Takes the place of the password, at once; needed after `password_change_required`.
    #[schema(example = "quilt tangent marrow", format = Password)]
    new_password: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub struct IamVerifyBody {
    /// Six digits from the app, or a backup code; where the user has a second factor.
    #[serde(alias = "code")]
    #[schema(example = "123456")]
    otp: Option<String>,
    pending_token: String,
    /// Where the password has to be changed.
    #[schema(example = "quilt tangent marrow", format = Password)]
    new_password: Option<String>,
}

/// The tokens, or what waits for the second step.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum IamLoginAnswer {
    SignedIn(TokenPair),
    SecondFactor(PendingBody),
}

async fn tokens(state: &AppState, ctx: &Ctx, who: &SignedIn<IamUser>) -> Result<TokenPair, Failure> {
    let authority = &state.authority;
    let tokens = authority.issue_first_party(ctx, FirstParty::Platform, who, Renewal::Refreshing);
    Ok(tokens.await?.into())
}

/// Sign in as an IAM user of an account.
///
/// With a second factor the answer has `requires_2fa` and a `pending_token`. A password that has to be changed is refused
/// with 401 `password_change_required` and `details.pending_token`: send `new_password` here, or with that token to
/// `/auth/iam-login/verify`.
#[utoipa::path(post, path = "/iam-login", tag = "platform", operation_id = "platform_iam_login",
    request_body = IamLoginBody, responses((status = 200, body = IamLoginAnswer)))]
pub async fn log_in(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<IamLoginBody>,
) -> Result<Response, Failure> {
    let command = IamLogIn {
        account: body.account_id,
        username: body.username,
        password: PlainSecret::new(&body.password),
        new_password: body.new_password.as_deref().map(PlainSecret::new),
    };
    let answer = match state.authority.log_in_iam(&ctx, command).await? {
        SignIn::Done(who) => IamLoginAnswer::SignedIn(tokens(&state, &ctx, &who).await?),
        SignIn::SecondFactor(pending) => IamLoginAnswer::SecondFactor(pending.into()),
    };
    Ok(private(StatusCode::OK, &answer))
}

/// The second step of an IAM user's sign-in.
///
/// The code of the authenticator app or a backup code, and `new_password` where the password has to be changed; five tries
/// within five minutes.
#[utoipa::path(post, path = "/iam-login/verify", tag = "platform", operation_id = "platform_iam_login_verify",
    request_body = IamVerifyBody, responses((status = 200, body = TokenPair)))]
pub async fn verify(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Body(body): Body<IamVerifyBody>,
) -> Result<Response, Failure> {
    let given = IamVerify {
        pending: PlainSecret::new(&body.pending_token),
        code: body.otp,
        new_password: body.new_password.as_deref().map(PlainSecret::new),
    };
    let who = state.authority.finish_iam_sign_in(&ctx, given).await?;
    Ok(private(StatusCode::OK, &tokens(&state, &ctx, &who).await?))
}

impl From<IamLoginError> for Failure {
    fn from(error: IamLoginError) -> Self {
        match error {
            IamLoginError::InvalidCredentials => {
                Self::refused_sign_in("invalid_credentials", "Account, user name or password is wrong.")
            }
            IamLoginError::TooManyAttempts { retry_after } => Self::too_many(retry_after),
            IamLoginError::WrongCode => Self::refused_sign_in("invalid_code", "The code is wrong."),
            IamLoginError::Over => Self::gone("The sign-in waited too long. Please start again."),
            IamLoginError::ChangeRequired { pending } => Self::refused_sign_in(
                "password_change_required",
                "The password must be changed. Send another one as new_password.",
            )
            .with("pending_token", json!(pending.0.expose())),
            IamLoginError::Expired => Self::password_expired(),
            IamLoginError::Refused(error) => Self::of_new_password("new_password", error),
            IamLoginError::Fault(fault) => fault.into(),
        }
    }
}

impl Failure {
    fn password_expired() -> Self {
        Self::forbidden(
            "password_expired",
            "The password has expired. An administrator of the account has to set another one.",
        )
    }

    /// Why the new password in this member is not taken: every rule that it breaks is named.
    pub(in crate::surfaces) fn of_new_password(member: &'static str, error: IamPasswordError) -> Self {
        match error {
            IamPasswordError::Broken { broken, rules } => {
                let demands: Vec<String> = broken.iter().map(|rule| rule.demand(&rules)).collect();
                let names: Vec<&str> = broken.iter().map(|rule| rule.as_str()).collect();
                Self::invalid_field(member, format!("must {}", demands.join(", ")))
                    .with("rules", json!(names))
            }
            IamPasswordError::WrongPassword => Self::forbidden("invalid_password", "The password is wrong."),
            IamPasswordError::TooManyAttempts { retry_after } => Self::too_many(retry_after),
            IamPasswordError::HardExpired => Self::password_expired(),
            IamPasswordError::Stale => Self::conflict(
                "conflict",
                "The password was changed meanwhile. Please try again.",
            ),
            IamPasswordError::Fault(fault) => fault.into(),
        }
    }
}
