//! What has been revoked, and for how long that knowledge may be relied on.
//! It refuses to say "alive" of facts once a later revocation of any of their keys is known.

mod clocks;
mod feed;
mod lease;

pub use feed::{FeedClient, run};
pub use lease::Lease;
pub use oauth::revocation_rule::Applied;

use crate::clock::{Clock, Tick};
use crate::facts::Facts;
use oauth::revocation_index::{RevocationIndex, TokenKeys};
use oauth::revocation_rule::{Heading, Standing};
use oauth::revocations::RevocationFeed;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use tokio::sync::watch;

/// The revocations seen so far, with their lease.
pub struct Revocations {
    index: RwLock<RevocationIndex>,
    /// How far the feed has come; only the feed asks.
    standing: Mutex<Standing>,
    /// Position of the last answer applied.
    head: AtomicU64,
    /// Counts changes of the index, so that facts found alive need not be looked up again.
    generation: AtomicU64,
    /// The generation again, for those who wait for it to move.
    changed: watch::Sender<u64>,
    /// What the key set is called by the last answer.
    keys: watch::Sender<Option<String>>,
    /// Counts the times that the server turned out to have lost history.
    histories_lost: AtomicU64,
    lease: Lease,
}

impl Revocations {
    /// Nothing known yet; the lease lasts `lease` from each poll.
    #[must_use]
    pub fn new(lease: std::time::Duration) -> Self {
        Self {
            index: RwLock::new(RevocationIndex::default()),
            standing: Mutex::new(Standing::default()),
            head: AtomicU64::new(0),
            generation: AtomicU64::new(1),
            changed: watch::Sender::new(1),
            keys: watch::Sender::new(None),
            histories_lost: AtomicU64::new(0),
            lease: Lease::new(lease),
        }
    }

    /// The lease.
    #[must_use]
    pub const fn lease(&self) -> &Lease {
        &self.lease
    }

    /// The position up to which everything is known.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    /// The position to ask after next; none while a snapshot is needed.
    #[must_use]
    pub fn position(&self) -> Option<u64> {
        self.standing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .position
    }

    /// How many things are marked as revoked.
    #[must_use]
    pub fn marks(&self) -> usize {
        self.index.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Applies an answer to a poll sent at `sent`, and extends the lease. When the server lost history the lease ends and a
    /// snapshot is needed; what was known to be revoked stays revoked.
    pub fn apply(&self, feed: &RevocationFeed, sent: Tick, now_seconds: i64) -> Applied {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, applied) = standing.after(Heading::from(feed), sent.0, self.lease.ticks());
        *standing = next;
        if applied == Applied::Backward {
            // First, so that those who are woken find it ended.
            self.lease.end_at(Tick(0));
            self.histories_lost.fetch_add(1, Ordering::SeqCst);
            self.next_generation();
        } else if !feed.events.is_empty() {
            let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
            for event in &feed.events {
                index.apply(event);
            }
            index.forget(log_time(next.position).min(now_seconds));
            // Still under the lock: whoever sees the new generation sees the new events.
            self.next_generation();
        }
        self.keys.send_if_modified(|known| {
            let differs = feed.keys.is_some() && *known != feed.keys;
            if differs {
                known.clone_from(&feed.keys);
            }
            differs
        });
        self.head.store(next.position.unwrap_or(0), Ordering::Release);
        // Last: a request that sees the new lease sees everything that it vouches for.
        self.lease.end_at(Tick(next.lease_ends));
        applied
    }

    /// What the server calls its key set, as it goes on; nothing before the first answer.
    #[must_use]
    pub fn name_of_keys(&self) -> watch::Receiver<Option<String>> {
        self.keys.subscribe()
    }

    /// How often the server lost history; what was read before the last time may say what it never knew.
    #[must_use]
    pub fn histories_lost(&self) -> u64 {
        self.histories_lost.load(Ordering::SeqCst)
    }

    fn next_generation(&self) {
        let before = self.generation.fetch_add(1, Ordering::Release);
        self.changed.send_replace(before + 1);
    }

    /// Moves whenever something new was revoked, or history was lost: whatever lives on must be judged anew.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Waits until the lease is not fresh; at once when it is not.
    pub async fn lapsed(&self, clock: &Clock) {
        let mut changes = self.changes();
        while self.lease.is_fresh(clock.tick()) {
            tokio::select! {
                () = clock.reached(self.lease.ends_at()) => {}
                // A lease that ends before its time tells so here.
                _ = changes.changed() => {}
            }
        }
    }

    /// Whether anything was said of these after `position`.
    #[must_use]
    pub fn said(&self, keys: &TokenKeys<'_>, position: u64) -> bool {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.killed(keys, Some(position))
    }

    /// Whether nothing was said of these after `position`; `cleared` remembers up to which generation that is known.
    #[must_use]
    pub fn silent_on(&self, keys: &TokenKeys<'_>, position: u64, cleared: &AtomicU64) -> bool {
        let generation = self.generation.load(Ordering::Acquire);
        if cleared.load(Ordering::Relaxed) == generation {
            return true;
        }
        if self.said(keys, position) {
            return false;
        }
        // As in `alive`.
        cleared.store(generation, Ordering::Relaxed);
        true
    }

    /// Whether facts are still alive. Facts that were looked up since the last change cost one comparison.
    #[must_use]
    pub fn alive(&self, facts: &Facts) -> bool {
        let generation = self.generation.load(Ordering::Acquire);
        if facts.cleared.load(Ordering::Relaxed) == generation {
            return true;
        }
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        if index.killed(&facts.keys(), facts.position) {
            return false;
        }
        // The lock may have let in a later generation; the older one is the safe one to note.
        facts.cleared.store(generation, Ordering::Relaxed);
        true
    }
}

/// The time of the log, in seconds: a position is at least the time of its event in microseconds. A clock here that was set
/// forward for a while makes nothing be forgotten that still matters when it is set back.
fn log_time(position: Option<u64>) -> i64 {
    position.map_or(0, |position| {
        i64::try_from(position / 1_000_000).unwrap_or(i64::MAX)
    })
}

#[cfg(test)]
mod tests;
