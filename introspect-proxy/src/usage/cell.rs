//! The counter of one account and one metric.
//! It refuses to count down: what was counted once is reported once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What one account used of one metric through this proxy. The figures are sums since it was made.
///
/// They are ordered: what was acknowledged was told before, told what was counted, counted what was taken.
#[derive(Debug)]
pub struct Cell {
    /// Whose use.
    pub account: Box<str>,
    /// Of what.
    pub metric: Arc<str>,
    /// Counted, or promised to requests on their way.
    taken: AtomicU64,
    counted: AtomicU64,
    /// Put into lines; only the courier moves it.
    told: AtomicU64,
    /// What the server has taken; never more than it has.
    settled: AtomicU64,
}

impl Cell {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(account: &str, metric: &Arc<str>) -> Self {
        Self {
            account: account.into(),
            metric: Arc::clone(metric),
            taken: AtomicU64::new(0),
            counted: AtomicU64::new(0),
            told: AtomicU64::new(0),
            settled: AtomicU64::new(0),
        }
    }

    /// Promises so much to a request, unless that would go beyond the ceiling. A quantity of zero asks whether there is
    /// room at all. Of callers that race for the last one gets it.
    #[must_use]
    pub fn take(&self, quantity: u64, ceiling: Option<u64>) -> bool {
        let Some(ceiling) = ceiling else {
            self.taken.fetch_add(quantity, Ordering::AcqRel);
            return true;
        };
        let fits = |taken: u64| {
            let then = taken.saturating_add(quantity);
            (then <= ceiling && taken < ceiling).then_some(then)
        };
        let taken = self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, fits);
        taken.is_ok()
    }

    /// A promise was not used.
    pub fn give_back(&self, quantity: u64) {
        self.taken.fetch_sub(quantity, Ordering::AcqRel);
    }

    /// Counts what was promised.
    pub fn count_taken(&self, quantity: u64) {
        self.counted.fetch_add(quantity, Ordering::AcqRel);
    }

    /// Counts what nobody could promise beforehand.
    pub fn count(&self, quantity: u64) {
        self.taken.fetch_add(quantity, Ordering::AcqRel);
        self.count_taken(quantity);
    }

    /// What was counted since the last time, for a line.
    #[must_use]
    pub fn tell(&self) -> u64 {
        let counted = self.counted.load(Ordering::Acquire);
        counted.saturating_sub(self.told.swap(counted, Ordering::AcqRel))
    }

    /// The server took a line.
    pub fn settle(&self, quantity: u64) {
        self.settled.fetch_add(quantity, Ordering::AcqRel);
    }

    /// What the server has taken at least.
    #[must_use]
    pub fn settled(&self) -> u64 {
        self.settled.load(Ordering::Acquire)
    }

    /// Counted, or on its way to be.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken.load(Ordering::Acquire)
    }

    /// Whether there is something to tell.
    #[must_use]
    pub fn has_news(&self) -> bool {
        self.counted.load(Ordering::Acquire) > self.told.load(Ordering::Acquire)
    }

    /// Whether everything was taken by the server, and nothing is on its way.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.settled() == self.taken()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_who_race_for_the_rest_only_as_many_as_there_is_get_it() {
        let cell = Cell::new("1", &"calls".into());
        let got: usize = std::thread::scope(|scope| {
            let race = || (0..1000).filter(|_| cell.take(1, Some(777))).count();
            let racers: Vec<_> = (0..4).map(|_| scope.spawn(race)).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).sum()
        });
        assert_eq!((got, cell.taken()), (777, 777));
        cell.give_back(1);
        assert!(cell.take(0, Some(777)) && cell.take(1, Some(777)));
        assert!(!cell.take(0, Some(777)), "no room at all");
    }

    #[test]
    fn a_quantity_larger_than_the_rest_takes_nothing() {
        let cell = Cell::new("1", &"calls".into());
        assert!(!cell.take(3, Some(2)));
        assert!(cell.take(2, Some(2)) && !cell.is_settled());
    }

    #[test]
    fn what_is_counted_is_told_once() {
        let cell = Cell::new("1", &"calls".into());
        cell.count(5);
        assert!(cell.has_news());
        assert_eq!((cell.tell(), cell.tell()), (5, 0));
        cell.count(2);
        assert_eq!(cell.tell(), 2);
        cell.settle(7);
        assert!(cell.is_settled());
    }
}
