//! That it is really the owner who is about to change something serious: the password, or a sign-in of just now.
//! Refuses a session that was merely left open (S11).

use std::time::Duration;

use model::session::Session;
use model::user::User;
use model::{Ctx, PlainSecret};

use super::change_password::ChangePasswordError;
use crate::authority::Authority;
use crate::fault::Fault;

/// How long a sign-in speaks for its owner where there is no password to ask for.
pub const FRESH: Duration = Duration::from_secs(5 * 60);

/// Why it may be somebody else.
#[derive(Debug, thiserror::Error)]
pub enum PresenceError {
    #[error("the password is wrong")]
    WrongPassword,
    #[error("too many attempts, wait {} s", retry_after.as_secs())]
    TooManyAttempts { retry_after: Duration },
    /// The account has no password, and the sign-in is too old.
    #[error("sign in again first")]
    SignInAgain,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<ChangePasswordError> for PresenceError {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::TooManyAttempts { retry_after } => Self::TooManyAttempts { retry_after },
            ChangePasswordError::SignInAgain => Self::SignInAgain,
            ChangePasswordError::Fault(fault) => Self::Fault(fault),
            ChangePasswordError::WrongPassword
            | ChangePasswordError::Refused(_)
            | ChangePasswordError::LinkInvalid => Self::WrongPassword,
        }
    }
}

/// Whether the session's sign-in was just now.
pub fn is_fresh(ctx: &Ctx, session: &Session) -> bool {
    ctx.now < session.authentication.at.plus(FRESH)
}

impl Authority {
    /// The password, counted like a sign-in; for an account without one, a sign-in of the last minutes.
    ///
    /// # Errors
    /// See [`PresenceError`].
    pub async fn prove_presence(
        &self,
        ctx: &Ctx,
        (user, session): (&User, &Session),
        password: &PlainSecret,
    ) -> Result<(), PresenceError> {
        if user.password.is_some() {
            return Ok(self.prove_password(ctx, (user, session), password).await?);
        }
        if is_fresh(ctx, session) {
            Ok(())
        } else {
            Err(PresenceError::SignInAgain)
        }
    }

    /// The same, where a sign-in of just now is as good as the password.
    ///
    /// # Errors
    /// See [`PresenceError`].
    pub async fn prove_presence_with(
        &self,
        ctx: &Ctx,
        (user, session): (&User, &Session),
        password: Option<&PlainSecret>,
    ) -> Result<(), PresenceError> {
        match password {
            Some(password) => self.prove_presence(ctx, (user, session), password).await,
            None if is_fresh(ctx, session) => Ok(()),
            None => Err(PresenceError::SignInAgain),
        }
    }
}
