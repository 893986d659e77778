//! What has been revoked, and for how long that knowledge may be relied on.
//! It refuses to say "alive" of facts once a later revocation of any of their keys is known.

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
            self.next_generation();
        } else if !feed.events.is_empty() {
            let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
            for event in &feed.events {
                index.apply(event);
            }
            index.forget(now_seconds);
            // Still under the lock: whoever sees the new generation sees the new events.
            self.next_generation();
        }
        self.head.store(next.position.unwrap_or(0), Ordering::Release);
        // Last: a request that sees the new lease sees everything that it vouches for.
        self.lease.end_at(Tick(next.lease_ends));
        applied
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

#[cfg(test)]
mod tests {
    use super::*;
    use oauth::introspection::ActiveToken;
    use oauth::revocations::{RevocationEvent, RevocationKind};
    use std::time::Duration;

    fn facts(position: u64) -> Facts {
        let token = ActiveToken {
            exp: Some(1000),
            iat: Some(100),
            jti: Some("tok_1".to_owned()),
            sub: Some("usr_1".to_owned()),
            ..ActiveToken::default()
        };
        Facts::from_introspection(&token, "i", position, Tick(u64::MAX)).unwrap()
    }

    fn event(position: u64, kind: RevocationKind, id: &str, issued_before: Option<i64>) -> RevocationEvent {
        RevocationEvent {
            position,
            kind,
            id: id.to_owned(),
            issued_before,
            until: 5000,
        }
    }

    fn apply(revocations: &Revocations, events: Vec<RevocationEvent>) -> Applied {
        let head = events.last().map_or(0, |event| event.position);
        let feed = RevocationFeed {
            head,
            events,
            ..RevocationFeed::default()
        };
        revocations.apply(&feed, Tick(1), 0)
    }

    /// C04
    #[test]
    fn a_fill_with_an_older_position_cannot_resurrect() {
        let revocations = Revocations::new(Duration::from_secs(5));
        apply(&revocations, vec![event(7, RevocationKind::Token, "tok_1", None)]);
        assert!(!revocations.alive(&facts(6)));
        assert!(revocations.alive(&facts(7)));
    }

    #[test]
    fn facts_found_alive_are_looked_up_again_after_a_change() {
        let revocations = Revocations::new(Duration::from_secs(5));
        let known = facts(0);
        assert!(revocations.alive(&known) && revocations.alive(&known));
        apply(
            &revocations,
            vec![event(1, RevocationKind::Subject, "usr_1", Some(100_000_000))],
        );
        assert!(!revocations.alive(&known));
    }

    #[test]
    fn a_subject_event_spares_what_was_issued_later() {
        let revocations = Revocations::new(Duration::from_secs(5));
        apply(
            &revocations,
            vec![event(1, RevocationKind::Subject, "usr_1", Some(99_999_999))],
        );
        assert!(revocations.alive(&facts(0)));
    }

    #[test]
    fn a_part_of_the_events_counts_at_once_and_renews_no_lease() {
        let revocations = Revocations::new(Duration::from_secs(5));
        let part = RevocationFeed {
            head: 1,
            events: vec![event(1, RevocationKind::Token, "tok_1", None)],
            more: true,
        };
        assert_eq!(revocations.apply(&part, Tick(1), 0), Applied::Forward);
        assert!(!revocations.alive(&facts(0)) && !revocations.lease().is_fresh(Tick(1)));
        assert_eq!(revocations.position(), Some(1));
    }

    #[tokio::test]
    async fn those_who_wait_hear_of_changes_and_of_the_end_of_the_lease() {
        let clock = Clock::manual(0);
        let revocations = Revocations::new(Duration::from_secs(5));
        let mut changes = revocations.changes();
        revocations.lapsed(&clock).await;
        let feed = RevocationFeed {
            head: 1,
            events: vec![event(1, RevocationKind::Token, "tok_1", None)],
            ..RevocationFeed::default()
        };
        revocations.apply(&feed, clock.tick(), 0);
        assert!(changes.has_changed().unwrap());
        assert_eq!(*changes.borrow_and_update(), 2);
        let mut lapse = std::pin::pin!(revocations.lapsed(&clock));
        clock.advance(Duration::from_secs(4));
        assert!(futures::poll!(lapse.as_mut()).is_pending());
        clock.advance(Duration::from_secs(1));
        lapse.await;
        assert!(!changes.has_changed().unwrap());
    }

    #[test]
    fn a_server_that_lost_history_is_noticed() {
        let revocations = Revocations::new(Duration::from_secs(5));
        apply(&revocations, vec![event(7, RevocationKind::Token, "tok_1", None)]);
        assert_eq!(
            apply(&revocations, vec![event(3, RevocationKind::Token, "tok_2", None)]),
            Applied::Backward
        );
        assert_eq!(
            (revocations.position(), revocations.lease().ends_at()),
            (None, Tick(0))
        );
        assert_eq!(apply(&revocations, Vec::new()), Applied::Forward);
        assert!(!revocations.alive(&facts(6)), "what was revoked stays revoked");
    }
}
