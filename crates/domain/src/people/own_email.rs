//! Another address for one's own account.
//! Refuses a session that was merely left open (S11), and tells nobody whether an address is somebody else's.

use std::time::Duration;

use model::challenge::{Challenge, Purpose};
use model::email::Email;
use model::session::Session;
use model::user::User;
use model::{ChallengeId, Ctx};

use super::challenge::{AskError, AskedIn};
use super::presence::{Presence, PresenceError};
use crate::authority::Authority;
use crate::fault::Fault;

/// Why no mail is on its way to the new address.
#[derive(Debug, thiserror::Error)]
pub enum ChangeOwnEmailError {
    #[error(transparent)]
    Presence(#[from] PresenceError),
    #[error("this is not an email address")]
    Malformed,
    #[error("the account has this address already")]
    Unchanged,
    #[error("too many attempts, wait {} s", retry_after.as_secs())]
    TooMany { retry_after: Duration },
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<AskError> for ChangeOwnEmailError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Malformed => Self::Malformed,
            AskError::TooMany { retry_after } => Self::TooMany { retry_after },
            AskError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Authority {
    /// A mail goes to the new address; the account gets it when that mail was answered.
    ///
    /// # Errors
    /// See [`ChangeOwnEmailError`].
    pub async fn change_own_email(
        &self,
        ctx: &Ctx,
        (user, session): (&User, &Session),
        (email, given): (&str, impl Into<Presence<'_>>),
        asked_in: AskedIn,
    ) -> Result<ChallengeId, ChangeOwnEmailError> {
        let wanted: Email = email.parse().map_err(|_| ChangeOwnEmailError::Malformed)?;
        if wanted == user.email {
            return Err(ChangeOwnEmailError::Unchanged);
        }
        self.prove_presence(ctx, (user, session), given).await?;
        Ok(self
            .ask_to_change_email(ctx, user, wanted.as_str(), asked_in)
            .await?)
    }

    /// The newest change of address that waits for its mail to be answered.
    ///
    /// # Errors
    /// Storage.
    pub async fn pending_email_change(&self, ctx: &Ctx, user: &User) -> Result<Option<Challenge>, Fault> {
        let mut reader = self.database.read().await?;
        let purpose = Purpose::ChangeEmail;
        let found = storage::challenges::find_open(&mut reader, user.id, purpose, ctx.now).await?;
        Ok(found.filter(|challenge| challenge.email != user.email))
    }
}
