//! The keys a user has.
//! Refuses to know a key of somebody else.

use model::api_key::{ApiKey, ApiKeyId, KeyKind};
use model::{Ctx, UserId};

use crate::authority::Authority;
use crate::fault::Fault;

impl Authority {
    /// The user's live keys of these kinds, newest first. There are no more than the settings allow, so a door that has
    /// pages cuts them from this list.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_api_keys(
        &self,
        ctx: &Ctx,
        user: UserId,
        kinds: &[KeyKind],
    ) -> Result<Vec<ApiKey>, Fault> {
        let mut reader = self.database.read().await?;
        let keys = storage::api_keys::list_live(&mut reader, user, ctx.now).await?;
        let wanted = keys.into_iter().filter(|key| kinds.contains(&key.kind));
        Ok(wanted.map(|key| self.key_activity().latest(key)).collect())
    }

    /// A live key of the user.
    ///
    /// # Errors
    /// Storage.
    pub async fn find_api_key(&self, ctx: &Ctx, user: UserId, id: ApiKeyId) -> Result<Option<ApiKey>, Fault> {
        let mut reader = self.database.read().await?;
        let key = storage::api_keys::find(&mut reader, id).await?;
        let own = key.filter(|key| key.user_id == user && key.is_live(ctx.now));
        Ok(own.map(|key| self.key_activity().latest(key)))
    }
}
