//! The lease: how long what is known may be used, on the proxy's own monotonic clock.
//! It refuses to judge; `oauth::revocation_rule` says when it ends, here that is kept for the requests to read.

use crate::clock::{Tick, nanos};
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

    /// How long it lasts, in ticks.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        nanos(self.length)
    }

    /// Says when it ends; at once with `Tick(0)`.
    pub(super) fn end_at(&self, end: Tick) {
        let ended = self.ends_at.swap(end.0, Ordering::AcqRel);
        if ended > 0 && ended.saturating_add(self.ticks()) <= end.0 {
            self.lapses.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether what is known may be used.
    #[must_use]
    pub fn is_fresh(&self, now: Tick) -> bool {
        now < self.ends_at()
    }

    /// Whether there is one, be it over.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.ends_at() > Tick(0)
    }

    /// When it ends, if nothing renews it.
    #[must_use]
    pub fn ends_at(&self) -> Tick {
        Tick(self.ends_at.load(Ordering::Acquire))
    }

    /// When the last poll that renewed it was sent.
    #[must_use]
    pub fn renewed_at(&self) -> Tick {
        Tick(self.ends_at().0.saturating_sub(self.ticks()))
    }

    /// How often it had ended before the poll was sent that renewed it.
    #[must_use]
    pub fn lapses(&self) -> u64 {
        self.lapses.load(Ordering::Relaxed)
    }
}
