//! A clock that stands still until a test moves it.
//! Never reads the machine's.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use model::{Clock, Timestamp};

/// Clones show the same time.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// Shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.as_micros())))
    }

    /// Shows `now` from here on, earlier or later.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_micros(), Ordering::SeqCst);
    }

    /// Moves on by `duration` and tells the new time.
    pub fn advance(&self, duration: Duration) -> Timestamp {
        let later = self.now().plus(duration);
        self.set(later);
        later
    }
}

impl Default for TestClock {
    /// 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self::at(Timestamp::from_seconds(1_767_225_600))
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_still_until_moved_and_is_shared_by_clones() {
        let clock = TestClock::default();
        let other = clock.clone();
        assert_eq!(clock.now(), other.now());
        let later = clock.advance(Duration::from_secs(90));
        assert_eq!(other.now(), later);
        assert_eq!(later.to_string(), "2026-01-01T00:01:30Z");
    }
}
