//! A new key in the place of an old one, which goes on for a while so that programs can be told.
//! Refuses to rotate a key twice, and to give the new one anything that its owner could not ask for now.

use std::time::Duration;

use model::api_key::{ApiKey, ApiKeyId};
use model::audit::Actor;
use model::revocation::RevocationTarget;
use model::user::User;
use model::{Ctx, PlainSecret, Timestamp, UserId};
use serde_json::json;
use storage::{StorageError, Writer};

use super::audit::note;
use super::create::{CreateKeyError, NewApiKey, letter};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::revocation;

/// The longest time in which two keys do the work of one.
const LONGEST_OVERLAP: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The new key, its text, which nobody can ever read again, and until when the old one goes on.
pub struct RotatedKey {
    pub key: ApiKey,
    pub text: PlainSecret,
    pub old_ends_at: Timestamp,
}

/// Why there is no new key.
#[derive(Debug, thiserror::Error)]
pub enum RotateKeyError {
    #[error("the user has no such live key")]
    Unknown,
    #[error("the key was rotated before")]
    Replaced,
    #[error("the old key may go on for seven days at most")]
    Overlap,
    /// Its owner could not ask for such a key now.
    #[error(transparent)]
    Refused(#[from] CreateKeyError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for RotateKeyError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl Authority {
    /// A key like the old one, for as long as that was made for. The old one ends after `overlap`, or when it would have
    /// ended anyway. A letter tells the owner.
    ///
    /// # Errors
    /// See [`RotateKeyError`].
    pub async fn rotate_api_key(
        &self,
        ctx: &Ctx,
        owner: &User,
        id: ApiKeyId,
        overlap: Duration,
    ) -> Result<RotatedKey, RotateKeyError> {
        if overlap > LONGEST_OVERLAP {
            return Err(RotateKeyError::Overlap);
        }
        let old = self.find_api_key(ctx, owner.id, id).await?;
        let old = old.ok_or(RotateKeyError::Unknown)?;
        self.may_make((owner, owner.role), &like(&old))?;
        let (key, text) = self.make_key(ctx, owner, &like(&old))?;
        let old_ends_at = ctx.now.plus(overlap).min(old.expires_at);
        let (authority, at, made) = (self.clone(), ctx.clone(), key.clone());
        self.database
            .write::<_, RotateKeyError, _>(move |w| {
                Box::pin(async move { authority.replace_key(w, &at, (&old, &made), overlap).await })
            })
            .await?;
        self.ring();
        self.catch_up().await?;
        Ok(RotatedKey {
            key,
            text,
            old_ends_at,
        })
    }

    async fn replace_key(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (old, new): (&ApiKey, &ApiKey),
        overlap: Duration,
    ) -> Result<(), RotateKeyError> {
        let until = ctx.now.plus(overlap);
        if !storage::api_keys::replace(w, (old.id, old.user_id), (new.id, until), ctx.now).await? {
            return Err(RotateKeyError::Replaced);
        }
        let owner = owner(w, old.user_id).await?.ok_or(RotateKeyError::Unknown)?;
        self.may_make((&owner, owner.role), &like(old))?;
        // Old keys that go on do not count for long, but they are not without number.
        let live = storage::api_keys::count_live(w, old.user_id, ctx.now).await?;
        let most = i64::try_from(self.settings.api_keys.most_per_user).unwrap_or(i64::MAX);
        if live >= most.saturating_mul(2) {
            return Err(CreateKeyError::TooMany.into());
        }
        storage::api_keys::insert(w, new).await?;
        self.enqueue(w, ctx, &Job::Send(letter(ctx, &owner, new))).await?;
        let more = json!({"replaced_by": new.id, "until": until.to_string()});
        note(w, ctx, (Actor::User(old.user_id), "api_key.rotated"), (old, more)).await?;
        // What is remembered of the old key is read anew; what it was exchanged for ends now when it would outlive it.
        let outlived = overlap < self.settings.api_keys.exchange_ttl;
        let before = if outlived { ctx.now } else { Timestamp::EPOCH };
        let target = RevocationTarget::Key(old.id, before);
        revocation::append(w, &self.settings, ctx, target).await?;
        Ok(())
    }
}

/// The owner as of now, unless the account can't have new keys any more.
async fn owner(w: &mut Writer, id: UserId) -> Result<Option<User>, StorageError> {
    if !storage::users::confirm_enabled(w, id).await?
        || storage::account_deletions::find(w, id).await?.is_some()
    {
        return Ok(None);
    }
    storage::users::find_by_id(w, id).await
}

fn like(old: &ApiKey) -> NewApiKey {
    NewApiKey {
        kind: old.kind,
        name: old.name.clone(),
        permissions: old.permissions.clone(),
        life: old.life(),
        repositories: old.repositories.clone(),
        addresses: old.addresses.clone(),
        rate_limit: old.rate_limit,
    }
}
