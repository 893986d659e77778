//! The time that the stand-in believes in: the machine's clock, plus what tests have added.
//! Never goes back.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine's clock with an offset that only grows.
#[derive(Default)]
pub(crate) struct Clock {
    ahead: AtomicI64,
}

impl Clock {
    /// Whole seconds since the epoch.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where this test-only crate reads the wall clock"
    )]
    pub(crate) fn now(&self) -> i64 {
        let machine = SystemTime::now().duration_since(UNIX_EPOCH);
        let machine = machine.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
        machine.saturating_add(self.ahead.load(Ordering::SeqCst))
    }

    /// Moves the time forward.
    pub(crate) fn advance(&self, seconds: u32) {
        self.ahead.fetch_add(i64::from(seconds), Ordering::SeqCst);
    }
}

/// The instant as GitHub writes it, such as `2011-01-26T19:01:12Z`.
pub(crate) fn text(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| String::new(), |instant| instant.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_in_utc() {
        assert_eq!(text(1_296_068_472), "2011-01-26T19:01:12Z");
    }

    #[test]
    fn an_advanced_clock_stays_ahead() {
        let clock = Clock::default();
        let before = clock.now();
        clock.advance(3600);
        assert!(clock.now() >= before + 3600);
    }
}
