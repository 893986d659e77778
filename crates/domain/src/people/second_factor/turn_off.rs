//! Turning the app off with both things that its owner has: the password and a code.
//! Refuses either alone.

use model::session::Session;
use model::{Ctx, PlainSecret};

use super::SecondFactorError;
use crate::authority::Authority;
use crate::people::Signer;
use crate::people::presence::PresenceError;

/// Which of the two was wrong.
#[derive(Debug, thiserror::Error)]
pub enum TurnOffError {
    #[error(transparent)]
    Presence(#[from] PresenceError),
    #[error(transparent)]
    Code(#[from] SecondFactorError),
}

impl Authority {
    /// Like [`Authority::disable_totp`], after the password or, for an account without one, a sign-in of just now.
    ///
    /// # Errors
    /// See [`TurnOffError`].
    pub async fn turn_totp_off<P: Signer>(
        &self,
        ctx: &Ctx,
        (user, session): (&P, &Session),
        (password, code): (&PlainSecret, &str),
    ) -> Result<(), TurnOffError> {
        self.prove_first_factor(ctx, (user, session), password).await?;
        Ok(self.disable_totp(ctx, (user, session), code).await?)
    }
}
