//! The time that the sandbox believes in: the machine's clock or a frozen one, and what was added to it.
//! Never goes back.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the epoch.
pub(crate) struct Clock {
    frozen: Option<i64>,
    ahead: AtomicI64,
}

impl Clock {
    pub(crate) fn new(frozen_at: Option<i64>, ahead: i64) -> Self {
        Self {
            frozen: frozen_at.map(|seconds| seconds.saturating_mul(1_000)),
            ahead: AtomicI64::new(ahead),
        }
    }

    /// How far it was moved, in milliseconds.
    pub(crate) fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::SeqCst)
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the sandbox reads the wall clock"
    )]
    pub(crate) fn now_ms(&self) -> i64 {
        let base = self.frozen.unwrap_or_else(|| {
            let machine = SystemTime::now().duration_since(UNIX_EPOCH);
            machine.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
        });
        base.saturating_add(self.ahead())
    }

    /// Moves the time forward.
    pub(crate) fn advance(&self, seconds: u32) {
        self.ahead.fetch_add(i64::from(seconds) * 1_000, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let clock = Clock::new(Some(100), 0);
        assert_eq!(clock.now_ms(), 100_000);
        clock.advance(5);
        assert_eq!(clock.now_ms(), 105_000);
    }
}
