//! The API keys of others: found by how they begin or by whose they are, and ended.
//! Refuses to list everybody's, and has no text of a key to show.

use model::Ctx;
use model::api_key::{ApiKey, ApiKeyId, KeyEnd};
use model::audit::Actor;
use model::user::User;
use storage::Reader;

use super::{AdministrationError, UserQuery, require_administrator};
use crate::api_keys::end_key;
use crate::authority::Authority;

/// Keys that a search finds at most.
pub const MOST_KEYS: usize = 200;
const MOST_USERS: u16 = 20;

/// A key and whose it is.
pub struct FoundKey {
    pub key: ApiKey,
    pub owner: User,
}

impl Authority {
    /// Live keys of an id, of a beginning such as lists of keys show it (of a longer text only that counts), or of the first
    /// users that the text finds; at most [`MOST_KEYS`].
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn find_api_keys(
        &self,
        ctx: &Ctx,
        q: &str,
        by: &Actor,
    ) -> Result<Vec<FoundKey>, AdministrationError> {
        let q = q.trim().trim_end_matches('…');
        let mut reader = self.database.read().await?;
        require_administrator(&mut reader, by).await?;
        if q.is_empty() {
            return Ok(Vec::new());
        }
        let keys = match q.parse::<ApiKeyId>() {
            Ok(id) => {
                let found = storage::api_keys::find(&mut reader, id).await?;
                let live = found.filter(|key| key.revoked_at.is_none() && ctx.now < key.expires_at);
                live.into_iter().collect()
            }
            Err(_) => {
                let prefix = oauth::api_key::shown(q);
                let most = (ctx.now, MOST_KEYS as i64);
                storage::api_keys::list_with_prefix(&mut reader, prefix, most).await?
            }
        };
        if !keys.is_empty() {
            return with_owners(&mut reader, keys).await;
        }
        drop(reader);
        self.keys_of_found(ctx, q, by).await
    }

    async fn keys_of_found(
        &self,
        ctx: &Ctx,
        q: &str,
        by: &Actor,
    ) -> Result<Vec<FoundKey>, AdministrationError> {
        let query = UserQuery {
            q: q.to_owned(),
            page: 1,
            limit: MOST_USERS,
        };
        let owners = self.list_users(&query, by).await?.users;
        let (mut found, mut reader) = (Vec::new(), self.database.read().await?);
        for owner in owners {
            let keys = storage::api_keys::list_live(&mut reader, owner.id, ctx.now).await?;
            found.extend(keys.into_iter().map(|key| FoundKey {
                key,
                owner: owner.clone(),
            }));
        }
        found.truncate(MOST_KEYS);
        Ok(found)
    }

    /// Ends one key of somebody with what it was exchanged for; false when it had ended before.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn revoke_key_of_somebody(
        &self,
        ctx: &Ctx,
        id: ApiKeyId,
        by: Actor,
    ) -> Result<bool, AdministrationError> {
        let (settings, at) = (self.settings.clone(), ctx.clone());
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                require_administrator(w, &by).await?;
                let Some(key) = storage::api_keys::find(w, id).await? else {
                    return Ok(false);
                };
                Ok(end_key(w, &settings, &at, (&key, KeyEnd::Revoked, by)).await?)
            })
        });
        let ended = work.await?;
        if ended {
            self.catch_up().await?;
        }
        Ok(ended)
    }
}

async fn with_owners(reader: &mut Reader, keys: Vec<ApiKey>) -> Result<Vec<FoundKey>, AdministrationError> {
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        if let Some(owner) = storage::users::find_standing(reader, key.user_id).await? {
            found.push(FoundKey { key, owner });
        }
    }
    Ok(found)
}
