//! Bounds retries to a share of the requests, so that a service in trouble is not given more of it.
//! It refuses to save up: what is left over for a quiet time is small.

use crate::clock::{Tick, nanos};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// One retry.
const RETRY: i64 = 1000;
/// What is there at first, and comes back each second however quiet it is.
const RESERVE: i64 = 10 * RETRY;
const CAP: i64 = 100 * RETRY;

/// The budget of one service.
pub struct RetryBudget {
    /// What a request adds.
    share: i64,
    balance: AtomicI64,
    /// When the reserve came back last.
    filled: AtomicU64,
}

impl RetryBudget {
    /// Retries of at most `percent` of the requests, and ten each second.
    pub fn new(percent: u8) -> Self {
        Self {
            share: i64::from(percent) * RETRY / 100,
            balance: AtomicI64::new(RESERVE),
            filled: AtomicU64::new(0),
        }
    }

    /// A request was made.
    pub fn deposit(&self) {
        // A full budget is only looked at, so that workers do not fight for its cache line.
        if self.balance.load(Ordering::Relaxed) < CAP {
            self.balance.fetch_add(self.share, Ordering::Relaxed);
        }
    }

    /// Pays for a retry; false when there is nothing left.
    pub fn withdraw(&self, now: Tick) -> bool {
        self.fill(now);
        let pay = |balance: i64| (balance >= RETRY).then_some(balance - RETRY);
        self.balance
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, pay)
            .is_ok()
    }

    fn fill(&self, now: Tick) {
        let filled = self.filled.load(Ordering::Acquire);
        if now.0.saturating_sub(filled) >= nanos(Duration::from_secs(1))
            && self
                .filled
                .compare_exchange(filled, now.0, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
        {
            self.balance.fetch_max(RESERVE, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(budget: &RetryBudget, now: Tick) -> usize {
        (0..1000).take_while(|_| budget.withdraw(now)).count()
    }

    #[test]
    fn a_quiet_service_gets_a_few_each_second() {
        let budget = RetryBudget::new(20);
        assert_eq!(taken(&budget, Tick(1)), 10);
        assert_eq!(taken(&budget, Tick(2)), 0);
        assert_eq!(taken(&budget, Tick(2_000_000_000)), 10);
    }

    #[test]
    fn a_busy_service_gets_its_share_and_no_more() {
        let budget = RetryBudget::new(20);
        assert_eq!(taken(&budget, Tick(1)), 10);
        (0..200).for_each(|_| budget.deposit());
        assert_eq!(taken(&budget, Tick(1)), 40);
        (0..100_000).for_each(|_| budget.deposit());
        assert_eq!(taken(&budget, Tick(1)), 100);
    }
}
