//! Leaves an instance alone after failures in a row, then lets one request try whether it is back.
//! It refuses to count failures of requests that began before it opened.

use crate::clock::Tick;
use crate::config;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// The longest pause is this many times the first.
const LONGEST: u32 = 32;

/// The state of one instance.
pub struct Breaker {
    limit: u32,
    pause: Duration,
    failures: AtomicU32,
    /// Times it opened since the last success.
    opened: AtomicU32,
    /// The tick at which a trial is due; zero while closed.
    until: AtomicU64,
    trying: AtomicBool,
}

/// How a request got through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// Like every other.
    Freely,
    /// As the one that tries whether the instance is back.
    OnTrial,
}

impl Breaker {
    /// A closed one.
    pub fn new(settings: config::Breaker) -> Self {
        Self {
            limit: settings.failures,
            pause: settings.pause.0,
            failures: AtomicU32::new(0),
            opened: AtomicU32::new(0),
            until: AtomicU64::new(0),
            trying: AtomicBool::new(false),
        }
    }

    /// Whether a request may go there, and as what; when a trial is due, one request gets it.
    pub fn admits(&self, now: Tick) -> Option<Admitted> {
        match self.until.load(Ordering::Acquire) {
            0 => Some(Admitted::Freely),
            until if now.0 >= until && !self.trying.swap(true, Ordering::AcqRel) => Some(Admitted::OnTrial),
            _ => None,
        }
    }

    /// How long until a trial is due; `None` while requests may go there.
    pub fn wait(&self, now: Tick) -> Option<Duration> {
        match self.until.load(Ordering::Acquire) {
            0 => None,
            until => Some(Tick(until).since(now)),
        }
    }

    /// A request was answered.
    pub fn succeeded(&self) {
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
            self.opened.store(0, Ordering::Relaxed);
            self.until.store(0, Ordering::Release);
            self.trying.store(false, Ordering::Release);
        }
    }

    /// A request failed; tells whether the instance is left alone from now on.
    pub fn failed(&self, now: Tick) -> bool {
        let until = self.until.load(Ordering::Acquire);
        if until > now.0 {
            return false;
        }
        let failures = self.failures.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        if self.limit == 0 || (failures < self.limit && until == 0) {
            return false;
        }
        let times = self.opened.fetch_add(1, Ordering::AcqRel).min(LONGEST.ilog2());
        self.until
            .store(now.after(self.pause * (1 << times)).0.max(1), Ordering::Release);
        self.trying.store(false, Ordering::Release);
        true
    }

    /// A request ended without telling anything; if it was the trial, another may try.
    pub fn undecided(&self, admitted: Admitted) {
        if admitted == Admitted::Freely {
            return;
        }
        self.trying.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Span;

    fn breaker(failures: u32) -> Breaker {
        Breaker::new(config::Breaker {
            failures,
            pause: Span(Duration::from_nanos(100)),
        })
    }

    #[test]
    fn failures_in_a_row_open_it_and_one_trial_closes_it() {
        let breaker = breaker(3);
        assert!(!breaker.failed(Tick(1)) && !breaker.failed(Tick(1)) && breaker.admits(Tick(1)).is_some());
        assert!(breaker.failed(Tick(1)));
        assert_eq!(breaker.admits(Tick(100)), None);
        assert_eq!(breaker.wait(Tick(1)), Some(Duration::from_nanos(100)));
        assert_eq!(breaker.admits(Tick(101)), Some(Admitted::OnTrial));
        assert_eq!(breaker.admits(Tick(101)), None, "only one");
        breaker.succeeded();
        assert!(breaker.admits(Tick(101)).is_some() && breaker.wait(Tick(101)).is_none());
    }

    #[test]
    fn a_success_between_failures_starts_the_count_anew() {
        let breaker = breaker(2);
        for _ in 0..10 {
            assert!(!breaker.failed(Tick(1)));
            breaker.succeeded();
        }
    }

    #[test]
    fn pauses_grow_to_a_bound_and_late_failures_do_not_count() {
        let breaker = breaker(1);
        let mut now = Tick(1);
        let mut pauses = Vec::new();
        for _ in 0..8 {
            assert!(breaker.failed(now));
            assert!(!breaker.failed(now), "it began before");
            let wait = breaker.wait(now).unwrap();
            pauses.push(wait.as_nanos());
            now = now.after(wait);
            assert!(breaker.admits(now).is_some());
        }
        assert_eq!(pauses, [100, 200, 400, 800, 1600, 3200, 3200, 3200]);
    }

    #[test]
    fn a_trial_that_tells_nothing_makes_room_for_the_next() {
        let breaker = breaker(1);
        breaker.failed(Tick(1));
        let trial = breaker.admits(Tick(200)).unwrap();
        breaker.undecided(Admitted::Freely);
        assert_eq!(
            breaker.admits(Tick(200)),
            None,
            "it began before and was no trial"
        );
        breaker.undecided(trial);
        assert_eq!(breaker.admits(Tick(200)), Some(Admitted::OnTrial));
    }

    #[test]
    fn zero_failures_turn_it_off() {
        let breaker = breaker(0);
        assert!((0..100).all(|_| !breaker.failed(Tick(1)) && breaker.admits(Tick(1)).is_some()));
    }
}
