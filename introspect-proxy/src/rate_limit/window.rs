//! One sliding window: how many requests in the last window, estimated from two counters.
//! It refuses to count what it refuses.

use crate::clock::{Tick, nanos};
use crate::config::Rate;
use std::time::Duration;

/// The counters of one key.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    started_at: Tick,
    current: u32,
    previous: u32,
}

/// What is left of a budget after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Requests that may still come now.
    pub remaining: u32,
    /// Until the window ends.
    pub reset: Duration,
}

impl Window {
    /// A window that begins now.
    #[must_use]
    pub const fn begin(now: Tick) -> Self {
        Self {
            started_at: now,
            current: 0,
            previous: 0,
        }
    }

    /// Takes one request.
    ///
    /// # Errors
    /// How long to wait until the next one is taken.
    pub fn take(&mut self, rate: Rate, now: Tick) -> Result<Left, Duration> {
        self.roll(rate, now);
        let elapsed = now.since(self.started_at);
        let used = self.used(rate, elapsed);
        if used >= u64::from(rate.count) {
            return Err(self.wait(rate, elapsed));
        }
        self.current += 1;
        let remaining = u64::from(rate.count) - used - 1;
        Ok(Left {
            remaining: u32::try_from(remaining).unwrap_or(u32::MAX),
            reset: rate.window - elapsed,
        })
    }

    /// Gives back what `take` took.
    pub const fn refund(&mut self) {
        self.current = self.current.saturating_sub(1);
    }

    /// Whether nothing is remembered any more.
    #[must_use]
    pub fn is_idle(&self, rate_window: Duration, now: Tick) -> bool {
        now.since(self.started_at) >= rate_window * 2
    }

    fn roll(&mut self, rate: Rate, now: Tick) {
        let elapsed = now.since(self.started_at);
        if elapsed < rate.window {
            return;
        }
        if elapsed >= rate.window * 2 {
            *self = Self::begin(now);
            return;
        }
        *self = Self {
            started_at: self.started_at.after(rate.window),
            current: 0,
            previous: self.current,
        };
    }

    /// The previous window counts for the part of it that is still inside the last window, rounded up.
    fn used(&self, rate: Rate, elapsed: Duration) -> u64 {
        let window = u128::from(nanos(rate.window));
        let inside = window.saturating_sub(elapsed.as_nanos());
        let previous = (u128::from(self.previous) * inside).div_ceil(window);
        u64::from(self.current) + u64::try_from(previous).unwrap_or(u64::MAX)
    }

    fn wait(&self, rate: Rate, elapsed: Duration) -> Duration {
        let window = u128::from(nanos(rate.window));
        let spare = |own: u32| u128::from(rate.count.saturating_sub(1).saturating_sub(own));
        // Room comes in this window as the previous one fades, or in the next as this one does.
        let (base, fading, room) = if self.current < rate.count {
            (0, u128::from(self.previous), spare(self.current))
        } else {
            (window, u128::from(self.current), spare(0))
        };
        let fades_at = base + window - (room * window / fading.max(1)).min(window);
        let wait = fades_at.saturating_sub(elapsed.as_nanos());
        Duration::from_nanos(u64::try_from(wait).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATE: Rate = Rate {
        count: 3,
        window: Duration::from_secs(60),
    };

    fn at(seconds: u64) -> Tick {
        Tick(nanos(Duration::from_secs(seconds)))
    }

    /// A01
    #[test]
    fn the_last_of_the_budget_passes_and_the_next_does_not() {
        let mut window = Window::begin(at(0));
        for remaining in [2, 1, 0] {
            assert_eq!(window.take(RATE, at(0)).map(|left| left.remaining), Ok(remaining));
        }
        let wait = window.take(RATE, at(0)).unwrap_err();
        assert_eq!(
            wait,
            Duration::from_secs(80),
            "a third of the window must have faded"
        );
        assert!(window.take(RATE, at(79)).is_err());
        assert!(window.take(RATE, at(80)).is_ok());
    }

    #[test]
    fn a_refused_request_costs_nothing() {
        let mut window = Window::begin(at(0));
        for _ in 0..100 {
            let _ = window.take(RATE, at(0));
        }
        assert!(window.take(RATE, at(80)).is_ok());
    }

    #[test]
    fn two_windows_of_silence_forget_everything() {
        let mut window = Window::begin(at(0));
        while window.take(RATE, at(0)).is_ok() {}
        assert_eq!(window.take(RATE, at(120)).map(|left| left.remaining), Ok(2));
    }

    proptest! {
        #[test]
        fn waiting_as_told_is_always_enough(steps in proptest::collection::vec(0u64..40, 1..60)) {
            let mut window = Window::begin(at(0));
            let mut now = at(0);
            for step in steps {
                now = now.after(Duration::from_secs(step));
                let mut copy = window;
                if let Err(wait) = copy.take(RATE, now) {
                    prop_assert!(wait > Duration::ZERO);
                    let later = now.after(wait).after(Duration::from_nanos(1));
                    prop_assert!(copy.take(RATE, later).is_ok());
                }
                let _ = window.take(RATE, now);
            }
        }
    }
}
