//! A fresh seed for an authenticator app, before its first code.
//! Refuses to be begun before its owner has shown that it is them, unless there is nothing yet that it could replace.

use std::time::Duration;

use model::session::Session;
use model::{Ctx, PlainSecret};
use storage::StorageError;

use super::totp;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::Signer;
use crate::people::presence::{Presence, PresenceError};

/// How long a seed that was shown can be proven.
pub(super) const SETUP_TTL: Duration = Duration::from_secs(15 * 60);

/// What an authenticator app needs. A secret, shown to its owner once.
pub struct TotpSetup {
    /// For typing.
    pub secret: PlainSecret,
    /// For the picture: an `otpauth` address.
    pub address: PlainSecret,
}

/// Why there is no seed.
#[derive(Debug, thiserror::Error)]
pub enum BeginTotpError {
    /// Two steps are on already, and nothing was given.
    #[error("the password is needed")]
    PasswordNeeded,
    #[error(transparent)]
    Refused(#[from] PresenceError),
}

impl From<Fault> for BeginTotpError {
    fn from(fault: Fault) -> Self {
        Self::Refused(fault.into())
    }
}

impl Authority {
    /// A fresh seed for an app, once its owner has shown that it is them. What is on stays on until
    /// [`Authority::confirm_totp`] (L11).
    ///
    /// # Errors
    /// See [`PresenceError`].
    pub async fn set_up_totp<P: Signer>(
        &self,
        ctx: &Ctx,
        (user, session): (&P, &Session),
        given: impl Into<Presence<'_>>,
    ) -> Result<(), PresenceError> {
        self.prove_presence(ctx, (user, session), given).await?;
        Ok(self.keep_seed(ctx, user).await?)
    }

    /// The same for a program that somebody is signed in with: nothing need be given as long as there is no second
    /// step, which a letter tells of when it is on.
    ///
    /// # Errors
    /// See [`BeginTotpError`].
    pub async fn begin_totp<P: Signer>(
        &self,
        ctx: &Ctx,
        (user, session): (&P, &Session),
        given: Option<Presence<'_>>,
    ) -> Result<(), BeginTotpError> {
        let is_on = self.second_factor_state(user.id()).await?.is_on();
        match given {
            None if !is_on => Ok(self.keep_seed(ctx, user).await?),
            None if user.password().is_some() => Err(BeginTotpError::PasswordNeeded),
            given => {
                let none = PlainSecret::new("");
                let given = given.unwrap_or(Presence::from(&none));
                Ok(self.set_up_totp(ctx, (user, session), given).await?)
            }
        }
    }

    async fn keep_seed<P: Signer>(&self, ctx: &Ctx, user: &P) -> Result<(), Fault> {
        let seed = totp::seed(ctx.random.as_ref());
        let sealed = self.sealer.seal(totp::SEAL_PURPOSE, &seed, ctx.random.as_ref())?;
        let (id, now) = (user.id(), ctx.now);
        self.database
            .write::<_, StorageError, _>(move |w| {
                Box::pin(async move { storage::second_factors::put_setup(w, id, &sealed, now).await })
            })
            .await?;
        Ok(())
    }

    /// The seed that waits to be proven, if one was made lately.
    ///
    /// # Errors
    /// Storage, sealing.
    pub async fn totp_setup<P: Signer>(
        &self,
        ctx: &Ctx,
        user: &P,
        brand: &str,
    ) -> Result<Option<TotpSetup>, Fault> {
        let mut reader = self.database.read().await?;
        let since = ctx.now.minus(SETUP_TTL);
        let Some(sealed) = storage::second_factors::find_setup(&mut reader, user.id(), since).await? else {
            return Ok(None);
        };
        let seed = self.sealer.open(totp::SEAL_PURPOSE, &sealed)?;
        let (address, secret) = totp::address(&seed, brand, &user.label())?;
        Ok(Some(TotpSetup {
            secret: PlainSecret::new(&secret),
            address: PlainSecret::new(&address),
        }))
    }
}
