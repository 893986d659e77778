//! The lease: how long what is known may be used, on the proxy's own monotonic clock.
//! It refuses to count from an answer; it runs from when the question was sent.

use crate::clock::Tick;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The end of the lease.
pub struct Lease {
    length: Duration,
    ends_at: AtomicU64,
    lapses: AtomicU64,
}

impl Lease {
    /// A lease that has not begun.
    #[must_use]
    pub const fn new(length: Duration) -> Self {
        Self {
            length,
            ends_at: AtomicU64::new(0),
            lapses: AtomicU64::new(0),
        }
    }

    /// Extends the lease to `sent` plus its length; it never gets shorter.
    pub fn renew(&self, sent: Tick) {
        let ended = self
            .ends_at
            .fetch_max(sent.after(self.length).0, Ordering::AcqRel);
        if (1..=sent.0).contains(&ended) {
            self.lapses.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Ends it at once.
    pub fn end(&self) {
        self.ends_at.store(0, Ordering::Release);
    }

    /// Whether what is known may be used.
    #[must_use]
    pub fn is_fresh(&self, now: Tick) -> bool {
        now.0 < self.ends_at.load(Ordering::Acquire)
    }

    /// When it ends, if nothing renews it.
    #[must_use]
    pub fn ends_at(&self) -> Tick {
        Tick(self.ends_at.load(Ordering::Acquire))
    }

    /// When the last poll that renewed it was sent.
    #[must_use]
    pub fn renewed_at(&self) -> Tick {
        Tick(self.ends_at().0.saturating_sub(crate::clock::nanos(self.length)))
    }

    /// How often it had ended before the poll was sent that renewed it.
    #[must_use]
    pub fn lapses(&self) -> u64 {
        self.lapses.load(Ordering::Relaxed)
    }

    /// Whether there ever was one.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.ends_at.load(Ordering::Acquire) > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C05
    #[test]
    fn it_runs_from_the_sending_of_the_poll() {
        let lease = Lease::new(Duration::from_nanos(5));
        assert!(!lease.is_fresh(Tick(0)) && !lease.has_begun());
        lease.renew(Tick(10));
        assert!(lease.is_fresh(Tick(14)) && !lease.is_fresh(Tick(15)));
        assert_eq!((lease.renewed_at(), lease.lapses()), (Tick(10), 0));
        lease.renew(Tick(15));
        assert_eq!((lease.renewed_at(), lease.lapses()), (Tick(15), 1));
    }

    #[test]
    fn a_delayed_answer_to_an_older_poll_does_not_shorten_it() {
        let lease = Lease::new(Duration::from_nanos(5));
        lease.renew(Tick(10));
        lease.renew(Tick(3));
        assert!(lease.is_fresh(Tick(14)));
    }
}
