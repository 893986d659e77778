//! The first administrator: made by whoever holds the one-time link that the server shows when it has none.
//! Refuses to work once there is an administrator, however that one came to be.

use std::time::Duration;

use model::audit::Actor;
use model::authentication::Authentication;
use model::user::Role;
use model::{Ctx, PlainSecret, SecretDigest};
use oauth::opaque::{self, OpaqueKind};
use storage::StorageError;

use super::SignedIn;
use super::account::{AccountForm, AccountProblems, PrepareError};
use super::device::remember_device;
use super::register::insert_user;
use crate::authority::Authority;
use crate::fault::Fault;

const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Why the link made no administrator.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("the link was used, replaced or has expired")]
    LinkInvalid,
    #[error("the form has problems")]
    Invalid(Box<AccountProblems>),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<PrepareError> for SetupError {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Invalid(problems) => Self::Invalid(problems),
            PrepareError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<StorageError> for SetupError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl Authority {
    /// A new one-time secret while there is no administrator; the ones before it stop working.
    ///
    /// # Errors
    /// Storage.
    pub async fn offer_setup(&self, ctx: &Ctx) -> Result<Option<PlainSecret>, Fault> {
        let secret = PlainSecret::generate(OpaqueKind::AdminSetup, ctx.random.as_ref());
        let (digest, now) = (secret.digest(), ctx.now);
        let work = self.database.write(move |w| {
            Box::pin(async move {
                if storage::users::count_admins(w).await? > 0 {
                    return Ok(false);
                }
                storage::setup_links::replace(w, &digest, now, now.plus(LIFE)).await?;
                Ok(true)
            })
        });
        let offered: Result<bool, StorageError> = work.await;
        Ok(offered?.then_some(secret))
    }

    /// Whether the set-up page may be shown for this secret. Consumes nothing.
    ///
    /// # Errors
    /// Storage.
    pub async fn is_setup_open(&self, ctx: &Ctx, secret: &str) -> Result<bool, Fault> {
        let Some(digest) = parse(secret) else {
            return Ok(false);
        };
        let mut reader = self.database.read().await?;
        let live = storage::setup_links::is_live(&mut reader, &digest, ctx.now).await?;
        Ok(live && storage::users::count_admins(&mut reader).await? == 0)
    }

    /// Consumes the link, creates the administrator and signs them in: all or nothing.
    ///
    /// # Errors
    /// See [`SetupError`]. Of two uses of one link, one wins.
    pub async fn accept_setup(
        &self,
        ctx: &Ctx,
        secret: &str,
        form: AccountForm,
    ) -> Result<SignedIn, SetupError> {
        let digest = parse(secret).ok_or(SetupError::LinkInvalid)?;
        if !self.is_setup_open(ctx, secret).await? {
            return Err(SetupError::LinkInvalid);
        }
        let user = self.prepare_account(ctx, form, Role::Admin).await?;
        let signed_in = SignedIn::new(&self.settings, ctx, user, Authentication::by_password(ctx.now));
        let (ctx, start) = (ctx.clone(), signed_in.clone());
        let written = self.database.write(move |w| {
            Box::pin(async move {
                let taken = storage::setup_links::consume(w, &digest, ctx.now).await?;
                if !taken || storage::users::count_admins(w).await? > 0 {
                    return Err(SetupError::LinkInvalid);
                }
                insert_user(w, &ctx, &start.user, Actor::User(start.user.id)).await?;
                start.insert_session(w, &ctx).await?;
                remember_device(w, &ctx, start.user.id).await?;
                Ok(())
            })
        });
        match written.await {
            Ok(()) => Ok(signed_in),
            Err(SetupError::Fault(Fault::Storage(StorageError::UniqueViolation))) => {
                Err(SetupError::Invalid(Box::new(self.taken(&signed_in.user).await?)))
            }
            Err(error) => Err(error),
        }
    }
}

fn parse(secret: &str) -> Option<SecretDigest> {
    (opaque::parse(secret) == Some(OpaqueKind::AdminSetup)).then(|| SecretDigest::of(secret))
}
