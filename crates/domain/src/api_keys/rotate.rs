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

use super::ScopeRefusal;
use super::audit::note;
use super::create::NewApiKey;
use super::held::lack;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::revocation::ending;

/// The longest time in which two keys do the work of one.
const LONGEST_OVERLAP: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Why there is no new key.
#[derive(Debug, thiserror::Error)]
pub enum RotateKeyError {
    #[error("the user has no such live key")]
    Unknown,
    #[error("the key was rotated before")]
    Replaced,
    #[error("the old key may go on for seven days at most")]
    Overlap,
    /// The owner may do less than when the key was made.
    #[error(transparent)]
    Scope(#[from] ScopeRefusal),
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
    /// ended anyway.
    ///
    /// # Errors
    /// See [`RotateKeyError`].
    pub async fn rotate_api_key(
        &self,
        ctx: &Ctx,
        owner: &User,
        id: ApiKeyId,
        overlap: Duration,
    ) -> Result<(ApiKey, PlainSecret), RotateKeyError> {
        if overlap > LONGEST_OVERLAP {
            return Err(RotateKeyError::Overlap);
        }
        let old = self.find_api_key(ctx, owner.id, id).await?;
        let old = old.ok_or(RotateKeyError::Unknown)?;
        for permission in old.permissions.iter() {
            let maker = (owner.id, owner.role);
            if let Some(lack) = lack(&self.settings.api_keys, maker, permission) {
                let entry = permission.to_string();
                return Err(ScopeRefusal { entry, lack }.into());
            }
        }
        let (new, text) = self.make_key(ctx, owner, &like(&old))?;
        let (authority, at, made) = (self.clone(), ctx.clone(), new.clone());
        self.database
            .write::<_, RotateKeyError, _>(move |w| {
                Box::pin(async move { authority.replace_key(w, &at, (&old, &made), overlap).await })
            })
            .await?;
        self.catch_up().await?;
        Ok((new, text))
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
        if may_not(w, old.user_id).await? {
            return Err(RotateKeyError::Unknown);
        }
        storage::api_keys::insert(w, new).await?;
        let more = json!({"replaced_by": new.id, "until": until.to_string()});
        note(w, ctx, (Actor::User(old.user_id), "api_key.rotated"), (old, more)).await?;
        // What is remembered of the old key is read anew; what it was exchanged for ends now when it would outlive it.
        let outlived = overlap < self.settings.api_keys.exchange_ttl;
        let before = if outlived { ctx.now } else { Timestamp::EPOCH };
        let target = RevocationTarget::Key(old.id, before);
        storage::revocations::append(w, &ending(&self.settings, target, ctx.now), ctx.now).await?;
        Ok(())
    }
}

/// Whether the account can't have new keys any more.
async fn may_not(w: &mut Writer, user: UserId) -> Result<bool, StorageError> {
    let enabled = storage::users::confirm_enabled(w, user).await?;
    Ok(!enabled || storage::account_deletions::find(w, user).await?.is_some())
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
