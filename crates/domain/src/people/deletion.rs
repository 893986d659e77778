//! Leaving: an account is marked to be erased, and its owner can cancel until that happens.
//! Refuses to be done by a session that was merely left open (S11), and to leave the server without an administrator.

use model::audit::Actor;
use model::deletion::AccountDeletion;
use model::session::Session;
use model::user::{Role, User};
use model::{Ctx, PlainSecret, SecretDigest, UserId};
use oauth::opaque::{self, OpaqueKind};
use serde_json::json;
use storage::{StorageError, Writer};

use super::presence::{Presence, PresenceError};
use crate::api_keys::suspend_keys_of;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::mail::{Letter, Message};

/// Why the account is not marked.
#[derive(Debug, thiserror::Error)]
pub enum RequestDeletionError {
    #[error(transparent)]
    Presence(#[from] PresenceError),
    #[error("nobody else administers this server")]
    OnlyAdministrator,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for RequestDeletionError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl Authority {
    /// When the account is to be erased, if it is.
    ///
    /// # Errors
    /// Storage.
    pub async fn pending_deletion(&self, user: &User) -> Result<Option<AccountDeletion>, Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::account_deletions::find(&mut reader, user.id).await?)
    }

    /// Marks the account, once its owner has shown that it is them. A letter tells how to cancel. Asking
    /// again changes nothing: the first time stands.
    ///
    /// # Errors
    /// See [`RequestDeletionError`].
    pub async fn request_deletion(
        &self,
        ctx: &Ctx,
        (user, session): (&User, &Session),
        given: impl Into<Presence<'_>>,
    ) -> Result<(), RequestDeletionError> {
        self.prove_presence(ctx, (user, session), given).await?;
        self.mark_for_deletion(ctx, user).await
    }

    /// The same, where a sign-in of just now, with all its steps, is as good as the password.
    ///
    /// # Errors
    /// See [`RequestDeletionError`].
    pub async fn request_deletion_with(
        &self,
        ctx: &Ctx,
        (user, session): (&User, &Session),
        given: Option<Presence<'_>>,
    ) -> Result<(), RequestDeletionError> {
        self.prove_presence_with(ctx, (user, session), given).await?;
        self.mark_for_deletion(ctx, user).await
    }

    async fn mark_for_deletion(&self, ctx: &Ctx, user: &User) -> Result<(), RequestDeletionError> {
        let secret = PlainSecret::generate(OpaqueKind::MailLink, ctx.random.as_ref());
        let deletion = AccountDeletion {
            user_id: user.id,
            secret: secret.digest(),
            requested_at: ctx.now,
            scheduled_for: ctx.now.plus(self.settings.deletion_grace),
        };
        let letter = Letter::to_user(
            ctx,
            user,
            Message::DeletionRequested {
                scheduled_for: deletion.scheduled_for,
                link: format!(
                    "{}/account/cancel-deletion?token={}",
                    self.settings.issuer,
                    secret.expose()
                ),
            },
        );
        let (authority, at, role) = (self.clone(), ctx.clone(), user.role);
        self.database
            .write::<_, RequestDeletionError, _>(move |w| {
                Box::pin(async move {
                    if role == Role::Admin
                        && storage::users::hold_other_admins(w, deletion.user_id).await? == 0
                    {
                        return Err(RequestDeletionError::OnlyAdministrator);
                    }
                    if storage::account_deletions::insert(w, &deletion).await? {
                        authority.schedule_erasure(w, &at, &deletion, letter).await?;
                        suspend_keys_of(w, &authority.settings, &at, deletion.user_id).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.ring();
        self.catch_up().await?;
        Ok(())
    }

    async fn schedule_erasure(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        deletion: &AccountDeletion,
        letter: Letter,
    ) -> Result<(), Fault> {
        let (user, due) = (deletion.user_id, deletion.scheduled_for);
        self.enqueue(w, ctx, &Job::Send(letter)).await?;
        self.enqueue_at(w, ctx, &Job::Erase { user }, due).await?;
        let happened = Happened {
            actor: Actor::User(user),
            action: "user.deletion_requested",
            target: Some(user.to_string()),
            detail: json!({ "scheduled_for": due.to_string() }),
        };
        Ok(record(w, ctx, happened).await?)
    }

    /// By its owner, signed in; false when none is pending.
    ///
    /// # Errors
    /// Storage.
    pub async fn cancel_deletion(&self, ctx: &Ctx, user: &User) -> Result<bool, Fault> {
        let (at, user) = (ctx.clone(), user.id);
        let work = self
            .database
            .write(move |w| Box::pin(async move { cancel(w, &at, (user, Actor::User(user))).await }));
        let cancelled: Result<bool, StorageError> = work.await;
        Ok(cancelled?)
    }

    /// The pending deletion behind a link from the letter, and its user. Looking changes nothing (L17).
    ///
    /// # Errors
    /// Storage.
    pub async fn look_at_deletion(&self, link: &str) -> Result<Option<(AccountDeletion, User)>, Fault> {
        if opaque::parse(link) != Some(OpaqueKind::MailLink) {
            return Ok(None);
        }
        let mut reader = self.database.read().await?;
        let secret = SecretDigest::of(link);
        let Some(deletion) = storage::account_deletions::find_by_secret(&mut reader, &secret).await? else {
            return Ok(None);
        };
        let user = storage::users::find_by_id(&mut reader, deletion.user_id).await?;
        Ok(user.map(|user| (deletion, user)))
    }

    /// By the link from the letter; false when it was used, or there is nothing to cancel any more.
    ///
    /// # Errors
    /// Storage.
    pub async fn cancel_deletion_by_link(&self, ctx: &Ctx, link: &str) -> Result<bool, Fault> {
        match self.look_at_deletion(link).await? {
            Some((_, user)) => self.cancel_deletion(ctx, &user).await,
            None => Ok(false),
        }
    }
}

pub(super) async fn cancel(
    w: &mut Writer,
    ctx: &Ctx,
    (user, by): (UserId, Actor),
) -> Result<bool, StorageError> {
    if !storage::account_deletions::delete(w, user).await? {
        return Ok(false);
    }
    let happened = Happened {
        actor: by,
        action: "user.deletion_cancelled",
        target: Some(user.to_string()),
        detail: json!({}),
    };
    record(w, ctx, happened).await?;
    Ok(true)
}
