//! Facts about live tokens, and short notes about tokens that are not, each bounded in number and time.
//! It refuses to keep a token itself; the key is its SHA-256.

use crate::bearer::TokenDigest;
use crate::clock::{Tick, nanos};
use crate::config;
use crate::facts::Facts;
use moka::sync::Cache;
use std::sync::Arc;
use std::time::Duration;

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
            facts: Cache::builder()
                .max_capacity(settings.max_entries)
                .build_with_hasher(Hasher::default()),
            negatives: Cache::builder()
                .max_capacity(settings.negative_entries)
                .build_with_hasher(Hasher::default()),
            negative_ttl: settings.negative_ttl.0,
            ttl: settings.ttl.0,
        }
    }

    /// Facts that are not due to be fetched anew.
    #[must_use]
    pub fn facts(&self, digest: &TokenDigest, now: Tick) -> Option<Arc<Facts>> {
        let facts = self.facts.get(digest)?;
        if now < self.due(digest, &facts) {
            return Some(facts);
        }
        self.facts.invalidate(digest);
        None
    }

    /// Facts age by the token up to an eighth earlier, so that a herd does not return at once.
    fn due(&self, digest: &TokenDigest, facts: &Facts) -> Tick {
        if facts.stale_at.0 == u64::MAX {
            return facts.stale_at;
        }
        let jitter = nanos(self.ttl) / 8 / 256 * u64::from(digest[0]);
        Tick(facts.stale_at.0.saturating_sub(jitter))
    }

    /// Why this token was found not to be live a moment ago.
    #[must_use]
    pub fn negative(&self, digest: &TokenDigest, now: Tick) -> Option<&'static str> {
        self.negatives
            .get(digest)
            .filter(|note| now < note.ends_at)
            .map(|note| note.why)
    }

    /// Keeps facts.
    pub fn keep(&self, digest: TokenDigest, facts: &Arc<Facts>) {
        self.facts.insert(digest, Arc::clone(facts));
    }

    /// Notes that a token is not live.
    pub fn deny(&self, digest: TokenDigest, why: &'static str, now: Tick) {
        self.facts.invalidate(&digest);
        self.negatives.insert(
            digest,
            Negative {
                why,
                ends_at: now.after(self.negative_ttl),
            },
        );
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
