//! Signing in at any surface: one order of steps and one set of answers.
//! Refuses to skip a second factor where a document knows none: it asks for a code in the next attempt.

use axum::http::StatusCode;
use domain::oauth::{FirstParty, RefreshError, Renewal};
use domain::people::password::PasswordProblem;
use domain::people::{
    AccountForm, AccountProblems, AskError, AskedIn, ChangePasswordError, LogIn, LoginError, RegisterError,
    Registered, SecondFactorError, SignIn, SignInError, SignedIn,
};
use model::{Ctx, PlainSecret};
use oauth::token::TokenResponse;
use serde_json::json;

use super::Failure;
use crate::app::AppState;

/// What somebody signs in with.
pub struct Credentials {
    /// Email address or user name.
    pub identifier: String,
    pub password: String,
    /// From the app, or a backup code.
    pub code: Option<String>,
}

/// How far a right password has led.
pub enum Outcome {
    SignedIn(Box<SignedIn>),
    /// A code is missing; the sign-in waits under this.
    SecondFactor(PlainSecret),
}

impl Outcome {
    /// For a surface that has no words for a second step: it asks for a code in the next attempt.
    ///
    /// # Errors
    /// 401 `mfa_required`.
    pub fn complete(self) -> Result<SignedIn, Failure> {
        match self {
            Self::SignedIn(signed_in) => Ok(*signed_in),
            Self::SecondFactor(pending) => Err(mfa_required(&pending)),
        }
    }
}

pub async fn by_password(state: &AppState, ctx: &Ctx, given: Credentials) -> Result<Outcome, Failure> {
    let command = LogIn {
        identifier: given.identifier,
        password: PlainSecret::new(&given.password),
        current: None,
        asked_in: AskedIn::default(),
    };
    let first = state.authority.log_in(ctx, command).await?;
    go_on(state, ctx, first, given.code.as_deref()).await
}

/// From the first step to the second, if there is one and its code is at hand.
pub async fn go_on(
    state: &AppState,
    ctx: &Ctx,
    first: SignIn,
    code: Option<&str>,
) -> Result<Outcome, Failure> {
    match (first, code) {
        (SignIn::Done(signed_in), _) => Ok(Outcome::SignedIn(signed_in)),
        (SignIn::SecondFactor(pending), None) => Ok(Outcome::SecondFactor(pending)),
        (SignIn::SecondFactor(pending), Some(code)) => {
            let signed_in = by_code(state, ctx, (pending.expose(), code)).await?;
            Ok(Outcome::SignedIn(Box::new(signed_in)))
        }
    }
}

/// The second step, for the sign-in that waits under `pending`.
pub async fn by_code(state: &AppState, ctx: &Ctx, proof: (&str, &str)) -> Result<SignedIn, Failure> {
    Ok(state.authority.finish_sign_in(ctx, proof, None).await?)
}

/// A new account, where nobody is asked for a user name or company.
pub async fn register(
    state: &AppState,
    ctx: &Ctx,
    (email, name, password): (String, Option<String>, &str),
) -> Result<Registered, Failure> {
    let form = AccountForm {
        username: String::new(),
        email,
        name: name.unwrap_or_default(),
        company: String::new(),
        password: PlainSecret::new(password),
    };
    Ok(state.authority.register(ctx, form, AskedIn::default()).await?)
}

/// The tokens for whoever has just signed in.
pub async fn tokens(
    state: &AppState,
    ctx: &Ctx,
    (door, renewal): (FirstParty, Renewal),
    signed_in: &SignedIn,
) -> Result<TokenResponse, Failure> {
    Ok(state
        .authority
        .issue_first_party(ctx, door, signed_in, renewal)
        .await?)
}

/// The answer of a surface that has no words for a second step.
fn mfa_required(pending: &PlainSecret) -> Failure {
    Failure::refused_sign_in("mfa_required", "A code from your authenticator app is needed.")
        .with("pending_token", json!(pending.expose()))
}

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::InvalidCredentials => {
                Self::refused_sign_in("invalid_credentials", "Email or password is wrong.")
            }
            LoginError::Disabled => Self::forbidden("account_disabled", "This account is disabled."),
            LoginError::EmailNotVerified { .. } => {
                Self::refused_sign_in("email_not_verified", "The email address must be confirmed first.")
            }
            LoginError::TooManyAttempts { retry_after } => Self::too_many(retry_after),
            LoginError::SessionEnded => SignInError::SessionEnded.into(),
            LoginError::Fault(fault) => fault.into(),
        }
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Stale | SignInError::SessionEnded => Self::refused_sign_in(
                "invalid_credentials",
                "The sign-in does not hold any more. Please try again.",
            ),
            SignInError::Fault(fault) => fault.into(),
        }
    }
}

impl From<SecondFactorError> for Failure {
    fn from(error: SecondFactorError) -> Self {
        match error {
            SecondFactorError::WrongCode => Self::refused_sign_in("invalid_code", "The code is wrong."),
            SecondFactorError::Over => Self::gone("The sign-in waited too long. Please start again."),
            SecondFactorError::TooManyAttempts { retry_after } => Self::too_many(retry_after),
            SecondFactorError::Fault(fault) => fault.into(),
        }
    }
}

impl From<RefreshError> for Failure {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Invalid => Self::refused_sign_in(
                "invalid_refresh_token",
                "The refresh token is invalid, expired or used.",
            ),
            RefreshError::Fault(fault) => fault.into(),
        }
    }
}

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Closed => Self::forbidden("registration_closed", "Registration is closed."),
            RegisterError::TooManyAttempts { retry_after } => Self::too_many(retry_after),
            RegisterError::Invalid(problems) => (*problems).into(),
            RegisterError::Fault(fault) => fault.into(),
        }
    }
}

/// 409 when all that is wrong is that somebody else has it, else 400.
impl From<AccountProblems> for Failure {
    fn from(problems: AccountProblems) -> Self {
        let AccountProblems {
            username,
            email,
            name,
            company,
            password,
        } = problems;
        let is_taken = [
            email == Some(domain::people::EmailProblem::Taken),
            username == Some(domain::people::UsernameProblem::Taken),
        ];
        let is_malformed = email.is_some() && !is_taken[0] || username.is_some() && !is_taken[1];
        let only_taken = is_taken.contains(&true)
            && !is_malformed
            && name.is_none()
            && company.is_none()
            && password.is_none();
        let said = [
            ("username", username.map(|problem| problem.to_string())),
            ("email", email.map(|problem| problem.to_string())),
            ("name", name.map(|problem| problem.to_string())),
            ("company", company.map(|problem| problem.to_string())),
            ("password", password.as_ref().map(ToString::to_string)),
        ];
        let fields = said
            .into_iter()
            .filter_map(|(name, reason)| Some((name, reason?)));
        let fields: serde_json::Map<_, _> = fields
            .map(|(name, reason)| (name.to_owned(), json!(reason)))
            .collect();
        if only_taken {
            let (code, message) = match is_taken[0] {
                true => (
                    "email_taken",
                    "There is an account with this email address already.",
                ),
                false => ("username_taken", "This user name is taken."),
            };
            return Self::conflict(code, message).with("fields", fields.into());
        }
        Self::invalid_fields(
            fields
                .into_iter()
                .map(|(name, reason)| (name, reason.as_str().unwrap_or_default().to_owned())),
        )
    }
}

impl From<PasswordProblem> for Failure {
    fn from(problem: PasswordProblem) -> Self {
        Self::invalid_field("password", problem.to_string())
    }
}

impl From<AskError> for Failure {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Malformed => Self::invalid_field("email", "is not an email address"),
            AskError::TooMany { retry_after } => Self::too_many(retry_after),
            AskError::Fault(fault) => fault.into(),
        }
    }
}

impl From<ChangePasswordError> for Failure {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::WrongPassword => Self::new(
                StatusCode::FORBIDDEN,
                "invalid_password",
                "The password is wrong.",
            ),
            ChangePasswordError::TooManyAttempts { retry_after } => Self::too_many(retry_after),
            ChangePasswordError::SignInAgain => Self::forbidden(
                "recent_sign_in_required",
                "Please sign in again and repeat this within five minutes.",
            ),
            ChangePasswordError::Refused(problem) => problem.into(),
            ChangePasswordError::LinkInvalid => Self::gone("The link was used or has expired."),
            ChangePasswordError::Fault(fault) => fault.into(),
        }
    }
}
