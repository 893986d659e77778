//! Why a second step is not turned on or off, for somebody who is signed in.
//! Refuses 401 for a wrong code: the credential of the request is a good one.

use domain::people::{BeginTotpError, Presence, PresenceError, SecondFactorError, TurnOffError};
use http::StatusCode;
use model::PlainSecret;

use super::Failure;

/// What somebody who is signed in shows again, where an operation wants that: the password, and perhaps a code with it.
pub struct Shown {
    password: Option<PlainSecret>,
    code: String,
}

impl Shown {
    pub fn new(password: Option<String>, code: Option<String>) -> Self {
        Self {
            password: password.map(|password| PlainSecret::new(&password)),
            code: code.unwrap_or_default(),
        }
    }

    /// Nothing without a password: a code alone shows nobody.
    pub fn presence(&self) -> Option<Presence<'_>> {
        let code = &self.code;
        self.password.as_ref().map(|password| Presence { password, code })
    }
}

/// Of a code that is given by somebody who is signed in already.
pub fn code_refused(error: SecondFactorError) -> Failure {
    match error {
        SecondFactorError::WrongCode => Failure::new(
            StatusCode::BAD_REQUEST,
            "invalid_code",
            "The code is wrong or was used.",
        ),
        SecondFactorError::Over => {
            Failure::gone("Nothing waits for a code, or it has waited too long. Please start again.")
        }
        SecondFactorError::TooManyAttempts { retry_after } => Failure::too_many(retry_after),
        SecondFactorError::Fault(fault) => fault.into(),
    }
}

impl From<PresenceError> for Failure {
    fn from(error: PresenceError) -> Self {
        match error {
            PresenceError::WrongPassword => Self::forbidden("invalid_password", "The password is wrong."),
            PresenceError::WrongCode => Self::forbidden(
                "mfa_required",
                "A code from your authenticator app is needed, one that was not used.",
            ),
            PresenceError::TooManyAttempts { retry_after } => Self::too_many(retry_after),
            PresenceError::SignInAgain => Self::forbidden(
                "recent_sign_in_required",
                "Send the password, or sign in again and repeat this within five minutes.",
            ),
            PresenceError::Fault(fault) => fault.into(),
        }
    }
}

impl From<BeginTotpError> for Failure {
    fn from(error: BeginTotpError) -> Self {
        match error {
            BeginTotpError::PasswordNeeded => Self::forbidden(
                "password_required",
                "A second step is on already; replacing it takes the password.",
            ),
            BeginTotpError::Refused(error) => error.into(),
        }
    }
}

impl From<TurnOffError> for Failure {
    fn from(error: TurnOffError) -> Self {
        match error {
            TurnOffError::Presence(error) => error.into(),
            TurnOffError::Code(error) => code_refused(error),
        }
    }
}
