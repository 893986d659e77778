//! The logs of all callers of one limit.
//! Refuses to grow without bound: beyond its share of memory the callers seen least are forgotten, and start anew.

use std::sync::{Arc, Mutex, PoisonError};

use model::Timestamp;
use moka::sync::Cache;

use super::log::{Log, Standing};
use crate::config::Rate;

/// Memory of one limit when all its callers use their quota up.
pub(super) const BYTES: u64 = 16 * 1024 * 1024;
/// Of one caller besides the moments: key, lock and the cache's own.
pub(super) const OVERHEAD: u64 = 256;

/// Counts callers by key, in this process.
#[derive(Clone)]
pub(super) struct Limiter {
    rate: Rate,
    logs: Cache<String, Arc<Mutex<Log>>>,
}

impl Limiter {
    pub(super) fn new(rate: Rate) -> Self {
        let each = OVERHEAD + u64::from(rate.quota()) * size_of::<Timestamp>() as u64;
        let logs = Cache::builder()
            .max_capacity((BYTES / each).max(1))
            // What was not used for a window says nothing any more.
            .time_to_idle(rate.window() * 2)
            .build();
        Self { rate, logs }
    }

    pub(super) const fn rate(&self) -> Rate {
        self.rate
    }

    pub(super) fn take(&self, key: &str, now: Timestamp) -> Standing {
        self.with(key, |log| log.take(self.rate, now))
    }

    /// Undoes a take that was allowed.
    pub(super) fn give_back(&self, key: &str) {
        self.with(key, Log::give_back);
    }

    fn with<T>(&self, key: &str, change: impl FnOnce(&mut Log) -> T) -> T {
        let log = self.logs.get_with_by_ref(key, Arc::default);
        change(&mut log.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A01: a thousand at once, on many threads, count as a thousand.
    #[test]
    fn parallel_requests_of_one_caller_share_one_quota() {
        let limiter = Limiter::new(Rate::per_minute(100));
        let allowed = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    let limiter = limiter.clone();
                    scope.spawn(move || {
                        let take = || limiter.take("one", Timestamp::from_micros(1)).is_allowed;
                        (0..125).filter(|_| take()).count()
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum::<usize>()
        });
        assert_eq!(allowed, 100);
        assert!(limiter.take("another", Timestamp::from_micros(1)).is_allowed);
    }

    #[test]
    fn a_flood_of_callers_takes_no_more_than_its_share() {
        let limiter = Limiter::new(Rate::per_minute(1000));
        for caller in 0..10_000 {
            limiter.take(&caller.to_string(), Timestamp::from_micros(1));
        }
        limiter.logs.run_pending_tasks();
        assert!(limiter.logs.entry_count() <= BYTES / (1000 * 8));
    }
}
