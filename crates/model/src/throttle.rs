//! How often a password may be tried: a window of free attempts, then growing delays, always temporary.
//! Refuses for ever to nobody: the delay is capped.

use std::time::Duration;

use crate::clock::Timestamp;

/// Configured figures of one counter.
#[derive(Clone, Copy, Debug)]
pub struct ThrottleLimits {
    /// Attempts evaluated per window before delays begin.
    pub free_attempts: i64,
    pub window: Duration,
    /// First delay; doubles with each further attempt.
    pub base_delay: Duration,
    pub max_delay: Duration,
}

/// A counter as stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Throttle {
    pub attempts: i64,
    pub window_started_at: Timestamp,
    pub blocked_until: Timestamp,
}

/// What an attempt at `now` may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ThrottleVerdict {
    /// Evaluate it, and store this first.
    Count(Throttle),
    /// Not evaluated; try again after so long.
    Wait(Duration),
}

impl Throttle {
    pub const fn fresh(now: Timestamp) -> Self {
        Self {
            attempts: 0,
            window_started_at: now,
            blocked_until: Timestamp::EPOCH,
        }
    }

    pub fn attempt(self, limits: ThrottleLimits, now: Timestamp) -> ThrottleVerdict {
        if now < self.blocked_until {
            return ThrottleVerdict::Wait(self.blocked_until.since(now));
        }
        let expired = now
            >= self
                .window_started_at
                .plus(limits.window)
                .max(self.blocked_until.plus(limits.window));
        let current = if expired { Self::fresh(now) } else { self };
        let attempts = current.attempts.saturating_add(1);
        let over = attempts.saturating_sub(limits.free_attempts);
        let blocked_until = if over >= 0 {
            now.plus(limits.delay(over))
        } else {
            Timestamp::EPOCH
        };
        ThrottleVerdict::Count(Self {
            attempts,
            window_started_at: current.window_started_at,
            blocked_until,
        })
    }
}

impl ThrottleLimits {
    fn delay(self, over: i64) -> Duration {
        let factor = 1_u32
            .checked_shl(u32::try_from(over).unwrap_or(u32::MAX))
            .unwrap_or(u32::MAX);
        self.base_delay.saturating_mul(factor).min(self.max_delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ThrottleLimits = ThrottleLimits {
        free_attempts: 10,
        window: Duration::from_secs(900),
        base_delay: Duration::from_secs(30),
        max_delay: Duration::from_secs(900),
    };

    /// L02
    #[test]
    fn ten_attempts_are_free_then_delays_grow_and_are_capped() {
        let mut throttle = Throttle::fresh(Timestamp::EPOCH);
        let mut now = Timestamp::EPOCH;
        for _ in 0..10 {
            match throttle.attempt(LIMITS, now) {
                ThrottleVerdict::Count(next) => throttle = next,
                ThrottleVerdict::Wait(_) => panic!("the first ten are evaluated"),
            }
        }
        let mut delays = Vec::new();
        for _ in 0..8 {
            let ThrottleVerdict::Wait(delay) = throttle.attempt(LIMITS, now) else {
                panic!("delayed")
            };
            delays.push(delay.as_secs());
            now = throttle.blocked_until;
            let ThrottleVerdict::Count(next) = throttle.attempt(LIMITS, now) else {
                panic!("allowed after")
            };
            throttle = next;
        }
        assert_eq!(delays, [30, 60, 120, 240, 480, 900, 900, 900]);
    }

    #[test]
    fn a_quiet_window_forgets() {
        let old = Throttle {
            attempts: 9,
            window_started_at: Timestamp::EPOCH,
            blocked_until: Timestamp::EPOCH,
        };
        let ThrottleVerdict::Count(next) = old.attempt(LIMITS, Timestamp::from_seconds(900)) else {
            panic!()
        };
        assert_eq!(next.attempts, 1);
    }
}
