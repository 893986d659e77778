//! Facts about live tokens, and short notes about tokens that are not, each bounded in number and time.
//! It refuses to keep a token itself; the key is its SHA-256.

use crate::bearer::TokenDigest;
use crate::clock::{Tick, nanos};
use crate::config;
use crate::facts::Facts;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long after a look-up ahead of time the next one may be tried.
const REFRESH_PAUSE: Duration = Duration::from_secs(1);

type Hasher = std::hash::RandomState;

/// The two caches.
pub struct TokenCache {
    facts: Cache<TokenDigest, Arc<Facts>, Hasher>,
    negatives: Cache<TokenDigest, Negative, Hasher>,
    negative_ttl: Duration,
    ttl: Duration,
}

#[derive(Clone, Copy)]
struct Negative {
    why: &'static str,
    ends_at: Tick,
}

impl TokenCache {
    /// Caches of the configured sizes.
    #[must_use]
    pub fn new(settings: &config::Cache) -> Self {
        Self {
            facts: least_recent(settings.max_entries),
            negatives: least_recent(settings.negative_entries),
            negative_ttl: settings.negative_ttl.0,
            ttl: settings.ttl.0,
        }
    }

    /// Facts that are not due to be fetched anew.
    #[must_use]
    pub fn facts(&self, digest: &TokenDigest, now: Tick) -> Option<Arc<Facts>> {
        // What is due stays where it is: taken out here, it could be what somebody else has just kept.
        self.facts
            .get(digest)
            .filter(|facts| now < self.due(digest, facts))
    }

    /// Facts age by the token up to an eighth earlier, so that a herd does not return at once.
    fn due(&self, digest: &TokenDigest, facts: &Facts) -> Tick {
        if facts.stale_at.0 == u64::MAX {
            return facts.stale_at;
        }
        let jitter = nanos(self.ttl) / 8 / 256 * u64::from(digest[0]);
        Tick(facts.stale_at.0.saturating_sub(jitter))
    }

    /// Whether facts in use should be looked up again before they are due. Says so once in a while, to one caller.
    #[must_use]
    pub fn wants_refresh(&self, facts: &Facts, now: Tick) -> bool {
        let at = facts.refresh_at.load(Ordering::Relaxed);
        let next = now.after(REFRESH_PAUSE).0;
        let swap = |at| {
            facts
                .refresh_at
                .compare_exchange(at, next, Ordering::Relaxed, Ordering::Relaxed)
        };
        now.0 >= at && swap(at).is_ok()
    }

    /// The last quarter of their life, begun by each token at a moment of its own.
    fn refresh_at(&self, digest: &TokenDigest, facts: &Facts) -> u64 {
        let due = self.due(digest, facts).0;
        if due == u64::MAX {
            return due;
        }
        let jitter = nanos(self.ttl) / 8 / 256 * u64::from(digest[1]);
        due.saturating_sub(nanos(self.ttl) / 4).saturating_add(jitter)
    }

    /// Why this token was found not to be live a moment ago.
    #[must_use]
    pub fn negative(&self, digest: &TokenDigest, now: Tick) -> Option<&'static str> {
        self.negatives
            .get(digest)
            .filter(|note| now < note.ends_at)
            .map(|note| note.why)
    }

    /// Keeps facts; a note from before does not outlive them.
    pub fn keep(&self, digest: TokenDigest, facts: &Arc<Facts>) {
        facts
            .refresh_at
            .store(self.refresh_at(&digest, facts), Ordering::Relaxed);
        self.facts.insert(digest, Arc::clone(facts));
        self.negatives.invalidate(&digest);
    }

    /// Notes that a token is not live. The note comes first: whoever finds no facts any more finds it, and asks nobody.
    pub fn deny(&self, digest: TokenDigest, why: &'static str, now: Tick) {
        self.negatives.insert(
            digest,
            Negative {
                why,
                ends_at: now.after(self.negative_ttl),
            },
        );
        self.facts.invalidate(&digest);
    }

    /// Drops what is known of a token.
    pub fn forget(&self, digest: &TokenDigest) {
        self.facts.invalidate(digest);
    }

    /// Drops everything.
    pub fn clear(&self) {
        self.facts.invalidate_all();
        self.negatives.invalidate_all();
    }

    /// Does now what the caches would do in time, so that their sizes are exact.
    pub fn settle(&self) {
        self.facts.run_pending_tasks();
        self.negatives.run_pending_tasks();
    }

    /// How many facts are kept, roughly.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.facts.entry_count()
    }

    /// Whether no facts are kept, roughly.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Whatever is new has a place, and what was unused for longest goes: only live tokens can push out live tokens,
/// and no garbage weighs in on which of them stay.
fn least_recent<V: Clone + Send + Sync + 'static>(entries: u64) -> Cache<TokenDigest, V, Hasher> {
    Cache::builder()
        .max_capacity(entries)
        .eviction_policy(EvictionPolicy::lru())
        .build_with_hasher(Hasher::default())
}

#[cfg(test)]
mod tests;
