//! Which keys were used lately, kept in memory until the next flush.
//! Refuses to write in line with a request, and a key more than once a minute; a crash loses what was not yet flushed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::api_key::{ApiKey, ApiKeyId};
use model::{Ctx, Timestamp};
use storage::StorageError;

use crate::authority::Authority;
use crate::fault::Fault;

const RESOLUTION: Duration = Duration::from_secs(60);
/// Keys remembered at once; more are noted when they are used again.
const MOST: usize = 50_000;
/// Keys written per transaction of a flush.
const FLUSH: usize = 500;

#[derive(Default)]
pub(crate) struct KeyActivity(Mutex<HashMap<ApiKeyId, Seen>>);

#[derive(Clone, Copy)]
struct Seen {
    at: Timestamp,
    written: bool,
}

impl KeyActivity {
    /// The key as it would be after a flush.
    pub(super) fn latest(&self, mut key: ApiKey) -> ApiKey {
        let seen = self.lock().get(&key.id).map(|seen| seen.at);
        key.last_used_at = key.last_used_at.max(seen);
        key
    }

    /// A use at `now` of a key that the database knows to have been used at `stored`.
    pub(crate) fn note(&self, id: ApiKeyId, stored: Option<Timestamp>, now: Timestamp) {
        let mut seen = self.lock();
        let last = seen.get(&id).map(|seen| seen.at).max(stored);
        let recently = last.is_some_and(|last| now < last.plus(RESOLUTION));
        if !recently && (seen.len() < MOST || seen.contains_key(&id)) {
            seen.insert(
                id,
                Seen {
                    at: now,
                    written: false,
                },
            );
        }
    }

    /// What is to be written; it is remembered until it could be noted again.
    fn take(&self, now: Timestamp) -> Vec<(ApiKeyId, Timestamp)> {
        let mut all = self.lock();
        all.retain(|_, seen| !seen.written || now < seen.at.plus(RESOLUTION));
        let new = all.iter_mut().filter(|(_, seen)| !seen.written);
        new.map(|(id, seen)| {
            seen.written = true;
            (*id, seen.at)
        })
        .collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ApiKeyId, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Authority {
    /// Writes down which keys were used since the last flush, and tells how many.
    ///
    /// # Errors
    /// Storage; what was not written is lost.
    pub async fn flush_key_activity(&self, ctx: &Ctx) -> Result<usize, Fault> {
        let seen = self.key_activity().take(ctx.now);
        for part in seen.chunks(FLUSH) {
            let part = part.to_vec();
            let write = self.database.write::<_, StorageError, _>(move |w| {
                Box::pin(async move {
                    for (id, at) in part {
                        storage::api_keys::touch(w, id, at).await?;
                    }
                    Ok(())
                })
            });
            write.await?;
        }
        Ok(seen.len())
    }
}
