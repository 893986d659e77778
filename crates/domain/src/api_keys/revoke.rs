//! The end of a key, with everything it was exchanged for.
//! Refuses to end somebody else's.

use model::api_key::{ApiKey, ApiKeyId, KeyEnd};
use model::audit::Actor;
use model::client::Client;
use model::revocation::RevocationTarget;
use model::{Ctx, SecretDigest, UserId};
use serde_json::json;
use storage::{StorageError, Writer};

use super::audit::note;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::revocation;
use crate::settings::Settings;

impl Authority {
    /// Ends one key of the user; false when they have no such live key, whoever else may have it.
    ///
    /// # Errors
    /// Storage.
    pub async fn revoke_api_key(
        &self,
        ctx: &Ctx,
        user: UserId,
        id: ApiKeyId,
        by: Actor,
    ) -> Result<bool, Fault> {
        let (settings, at) = (self.settings.clone(), ctx.clone());
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                let found = storage::api_keys::find(w, id).await?;
                let Some(key) = found.filter(|key| key.user_id == user) else {
                    return Ok(false);
                };
                end_key(w, &settings, &at, (&key, KeyEnd::Revoked, by)).await
            })
        });
        let ended = work.await?;
        if ended {
            self.catch_up().await?;
        }
        Ok(ended)
    }

    /// Ends the key whose text this is. It was issued to no client: whoever has the text may end it, through any client
    /// (RFC 7009 §2.1).
    pub(crate) async fn revoke_presented_key(
        &self,
        ctx: &Ctx,
        client: &Client,
        text: &str,
    ) -> Result<(), Fault> {
        if self.recognise_key(text, ctx.now).is_none() {
            return Ok(());
        }
        let mut reader = self.database.read().await?;
        let found = storage::api_keys::find_in_use(&mut reader, &SecretDigest::of(text)).await?;
        drop(reader);
        if let Some(found) = found {
            let by = Actor::Client(client.id.clone());
            self.revoke_api_key(ctx, found.key.user_id, found.key.id, by)
                .await?;
        }
        Ok(())
    }

    /// Ends every key of the user; tells how many.
    ///
    /// # Errors
    /// Storage.
    pub async fn revoke_api_keys(&self, ctx: &Ctx, user: UserId, by: Actor) -> Result<usize, Fault> {
        let (settings, at) = (self.settings.clone(), ctx.clone());
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                let mut ended = 0;
                for key in storage::api_keys::list_live(w, user, at.now).await? {
                    let why = (&key, KeyEnd::Revoked, by.clone());
                    ended += usize::from(end_key(w, &settings, &at, why).await?);
                }
                Ok(ended)
            })
        });
        let ended = work.await?;
        self.catch_up().await?;
        Ok(ended)
    }
}

/// False when it had ended before. The caller catches up after the commit.
pub(crate) async fn end_key(
    w: &mut Writer,
    settings: &Settings,
    ctx: &Ctx,
    (key, why, by): (&ApiKey, KeyEnd, Actor),
) -> Result<bool, StorageError> {
    if !storage::api_keys::revoke(w, (key.id, key.user_id), why, ctx.now).await? {
        return Ok(false);
    }
    let more = json!({"reason": why.as_str()});
    note(w, ctx, (by, "api_key.revoked"), (key, more)).await?;
    revocation::append(w, settings, ctx, RevocationTarget::Key(key.id, ctx.now)).await?;
    Ok(true)
}
