//! Who polls the revocation log and how far they have come, as their polls show it.
//! Refuses to write in line with a poll: what was seen is kept in memory and written every few seconds; a crash loses that.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use model::{ClientId, Ctx};
use storage::Script;
pub use storage::proxies_seen::SeenProxy;

use crate::authority::Authority;
use crate::fault::Fault;

/// Proxies that are remembered between two flushes.
const MOST: usize = 2_000;
const MOST_LISTED: i64 = 500;
/// Further than this nobody is said to be behind.
pub const MOST_BEHIND: i64 = 10_000;
/// Whoever did not poll for so long is forgotten.
pub const FORGOTTEN: Duration = Duration::from_secs(60 * 60);
const LONGEST_WORD: usize = 80;

/// Polls that the database does not know yet.
#[derive(Default)]
pub(crate) struct ProxiesSeen(Mutex<HashMap<(ClientId, String), SeenProxy>>);

/// What a poll tells of whoever sends it.
#[derive(Clone, Copy, Default, Debug)]
pub struct PollSigns<'a> {
    /// What the proxy calls itself.
    pub instance: Option<&'a str>,
    pub version: Option<&'a str>,
    /// How far it has read the log; none when it asks for all of it.
    pub after: Option<u64>,
}

/// A proxy and how far it is behind.
pub struct ProxyStanding {
    pub proxy: SeenProxy,
    /// Revocations that it had not read when it last asked; at most [`MOST_BEHIND`].
    pub behind: i64,
    /// For how long the oldest of them is there.
    pub behind_for: Duration,
}

impl Authority {
    /// Notes who polled, in memory. The client has proven itself.
    pub fn note_poll(&self, ctx: &Ctx, client: &ClientId, signs: PollSigns<'_>) {
        let address = ctx.origin.address.map(|address| address.to_string());
        let instance = signs.instance.and_then(word).or_else(|| address.clone());
        let instance = instance.unwrap_or_else(|| "unknown".to_owned());
        let seen = SeenProxy {
            client_id: client.clone(),
            instance: instance.clone(),
            address,
            version: signs.version.and_then(word),
            position: signs
                .after
                .map_or(0, |after| i64::try_from(after).unwrap_or(i64::MAX)),
            first_seen_at: ctx.now,
            seen_at: ctx.now,
        };
        let mut proxies = self
            .proxies_seen()
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let key = (client.clone(), instance);
        if proxies.len() < MOST || proxies.contains_key(&key) {
            proxies.insert(key, seen);
        }
    }

    /// Writes down who polled since the last flush; tells how many.
    ///
    /// # Errors
    /// Storage; what was not written is seen again with the next poll.
    pub async fn flush_polls(&self) -> Result<usize, Fault> {
        let seen = std::mem::take(
            &mut *self
                .proxies_seen()
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        if seen.is_empty() {
            return Ok(0);
        }
        let mut script = Script::default();
        for proxy in seen.values() {
            storage::proxies_seen::upsert(&mut script, proxy).await?;
        }
        self.database.apply(script).await?;
        Ok(seen.len())
    }

    /// Everybody who polled within an hour, whichever replica they asked; whoever polled last first.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_proxies(&self, ctx: &Ctx) -> Result<Vec<ProxyStanding>, Fault> {
        let mut reader = self.database.read().await?;
        let written = storage::proxies_seen::list(&mut reader, MOST_LISTED).await?;
        let since = ctx.now.minus(FORGOTTEN);
        let (mut standings, mut known) = (Vec::new(), HashMap::new());
        for proxy in self.latest_of(written) {
            if proxy.seen_at < since {
                continue;
            }
            let (behind, oldest) = match known.get(&proxy.position) {
                Some(found) => *found,
                None => storage::proxies_seen::behind(&mut reader, proxy.position, MOST_BEHIND).await?,
            };
            known.insert(proxy.position, (behind, oldest));
            standings.push(ProxyStanding {
                behind,
                behind_for: oldest.map_or(Duration::ZERO, |oldest| ctx.now.since(oldest)),
                proxy,
            });
        }
        Ok(standings)
    }

    /// What is written, with what this server has seen since.
    fn latest_of(&self, written: Vec<SeenProxy>) -> Vec<SeenProxy> {
        let seen = self
            .proxies_seen()
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut latest: HashMap<_, _> = written
            .into_iter()
            .map(|proxy| ((proxy.client_id.clone(), proxy.instance.clone()), proxy))
            .collect();
        for (key, proxy) in seen.iter() {
            let first_seen_at = latest
                .get(key)
                .map_or(proxy.first_seen_at, |before| before.first_seen_at);
            let proxy = SeenProxy {
                first_seen_at,
                ..proxy.clone()
            };
            latest.insert(key.clone(), proxy);
        }
        drop(seen);
        let mut latest: Vec<_> = latest.into_values().collect();
        latest.sort_by(|a, b| (b.seen_at, &a.instance).cmp(&(a.seen_at, &b.instance)));
        latest
    }
}

/// A word as it may be shown: visible ASCII, not too long.
fn word(text: &str) -> Option<String> {
    let is_visible = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    (is_visible && text.len() <= LONGEST_WORD).then(|| text.to_owned())
}
