//! Whether a key still stands, asked by its id: for services that have verified its text themselves.
//! Refuses to tell why it does not, and remembers only keys that do.

use std::time::Duration;

use model::api_key::ApiKeyId;
use model::{Ctx, Timestamp, UserId};
use moka::sync::Cache;
use oauth::revocation_index::TokenKeys;

use super::held::still_held;
use crate::authority::Authority;
use crate::fault::Fault;

const MOST: u64 = 50_000;
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// Keys that stood when they were read, by their ids.
pub(crate) struct KnownKeys(Cache<ApiKeyId, Known>);

#[derive(Clone, Copy)]
struct Known {
    user: UserId,
    expires_at: Timestamp,
    /// The position of the revocation log before it was read.
    position: u64,
}

impl Default for KnownKeys {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(LONGEST).build())
    }
}

impl Authority {
    /// Whether there is such a key that is not revoked, expired or suspended, of whatever kind. Costs one indexed read, or
    /// none; the answer about a text that is no id takes the same form.
    ///
    /// # Errors
    /// Storage.
    pub async fn api_key_stands(&self, ctx: &Ctx, id: &str) -> Result<bool, Fault> {
        let Ok(id) = id.parse::<ApiKeyId>() else {
            return Ok(false);
        };
        self.keep_up().await?;
        if let Some(known) = self.known_keys().0.get(&id)
            && self.is_unchanged(id, known)
        {
            return Ok(ctx.now < known.expires_at);
        }
        let position = self.log().position();
        let mut reader = self.database.read_check().await?;
        let found = storage::api_keys::find_in_use_by_id(&mut reader, id).await?;
        drop(reader);
        let standing = found.filter(|found| {
            let maker = (found.key.user_id, found.role);
            let held = || still_held(&self.settings.api_keys, maker, &found.key.permissions);
            found.key.is_live(ctx.now) && !found.disabled && !found.leaving && !held().is_empty()
        });
        let Some(found) = standing else {
            self.known_keys().0.invalidate(&id);
            return Ok(false);
        };
        let known = Known {
            user: found.key.user_id,
            expires_at: found.key.expires_at,
            position,
        };
        self.known_keys().0.insert(id, known);
        Ok(self.is_unchanged(id, known))
    }

    /// Nothing that it hangs on was touched since it was read.
    fn is_unchanged(&self, id: ApiKeyId, known: Known) -> bool {
        let (id, user) = (id.to_string(), known.user.to_string());
        let keys = TokenKeys {
            jti: Some(&id),
            key: Some(&id),
            sub: Some(&user),
            ..TokenKeys::default()
        };
        !self.log().verdict(&keys, Some(known.position)).killed
    }
}
