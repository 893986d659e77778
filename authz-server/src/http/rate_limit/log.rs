//! The moments at which one caller was let through, as far back as they matter.
//! Refuses the request that would be one too many within any span of the window's length, and does not count refusals.

use std::collections::VecDeque;
use std::time::Duration;

use model::Timestamp;

use crate::config::Rate;

/// At most `quota` moments, oldest first: exact, where fixed windows let through twice as much around their borders.
#[derive(Debug, Default)]
pub(super) struct Log(VecDeque<Timestamp>);

/// What is said about the caller's quota, whether or not the request was let through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Standing {
    pub(super) is_allowed: bool,
    /// Requests that would be let through right now.
    pub(super) remaining: u32,
    /// How long until there is one more than that; the whole window for who has not used any.
    pub(super) more_in: Duration,
}

impl Log {
    /// Judges and counts a request. The cost is that of the moments that stop mattering: one per request in the long run.
    pub(super) fn take(&mut self, rate: Rate, now: Timestamp) -> Standing {
        self.forget(rate, now);
        let quota = rate.quota() as usize;
        let is_allowed = self.0.len() < quota;
        if is_allowed {
            self.0.push_back(now);
        }
        let oldest = self.0.front().copied().unwrap_or(now);
        Standing {
            is_allowed,
            remaining: u32::try_from(quota - self.0.len().min(quota)).unwrap_or(0),
            more_in: between(now, oldest.plus(rate.window())),
        }
    }

    /// As if the last request that was let through had not been.
    pub(super) fn give_back(&mut self) {
        self.0.pop_back();
    }

    fn forget(&mut self, rate: Rate, now: Timestamp) {
        // The clock was set back: what seems to come is taken for now, so nobody waits longer than the window.
        if self.0.back().is_some_and(|newest| *newest > now) {
            for moment in &mut self.0 {
                *moment = (*moment).min(now);
            }
        }
        while self
            .0
            .front()
            .is_some_and(|oldest| oldest.plus(rate.window()) <= now)
        {
            self.0.pop_front();
        }
    }
}

fn between(from: Timestamp, to: Timestamp) -> Duration {
    let micros = to.as_micros().saturating_sub(from.as_micros());
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: Rate = Rate::new(5, 10);

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(1_000_000_000 + micros)
    }

    #[test]
    fn a_quota_is_used_up_one_by_one_and_comes_back_one_by_one() {
        let mut log = Log::default();
        let seconds = |second: i64| at(second * 1_000_000);
        for used in 1..=5 {
            let standing = log.take(RATE, seconds(used));
            assert!(standing.is_allowed && standing.remaining == 5 - used as u32);
        }
        let refused = log.take(RATE, seconds(9));
        assert_eq!(
            (refused.is_allowed, refused.more_in),
            (false, Duration::from_secs(2))
        );
        assert!(log.take(RATE, seconds(11)).is_allowed);
        assert!(!log.take(RATE, seconds(11)).is_allowed);
        assert_eq!(log.take(RATE, seconds(100)).remaining, 4);
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let mut log = Log::default();
        for second in 0..20 {
            assert!(log.take(RATE, at(second)).is_allowed);
            log.give_back();
        }
        assert_eq!(log.take(RATE, at(20)).remaining, 4);
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out_for_longer_than_the_window() {
        let mut log = Log::default();
        for _ in 0..5 {
            log.take(RATE, at(3_600_000_000));
        }
        let refused = log.take(RATE, at(0));
        assert_eq!((refused.is_allowed, refused.more_in), (false, RATE.window()));
        assert!(log.take(RATE, at(10_000_000)).is_allowed);
    }

    proptest! {
        /// In any span of the window's length at most the quota is let through; a refusal means that it was; and
        /// whoever waits as long as they are told is let through.
        #[test]
        fn the_limit_holds_over_any_window_and_is_given_in_full(
            gaps in prop::collection::vec(0_i64..6_000_000, 1..200),
            quota in 1_u32..20,
            window in 1_u64..20,
        ) {
            let rate = Rate::new(quota, window);
            let span = rate.window().as_micros() as i64;
            let (mut log, mut now, mut allowed) = (Log::default(), 0, Vec::<i64>::new());
            for gap in gaps {
                now += gap;
                let before = allowed.iter().filter(|moment| **moment > now - span).count();
                let standing = log.take(rate, at(now));
                prop_assert_eq!(standing.is_allowed, before < quota as usize);
                if standing.is_allowed {
                    allowed.push(now);
                    prop_assert_eq!(standing.remaining as usize, quota as usize - before - 1);
                } else {
                    let told = now + standing.more_in.as_micros() as i64;
                    let then = allowed.iter().filter(|moment| **moment > told - span).count();
                    prop_assert!(then < quota as usize);
                }
            }
        }
    }
}
