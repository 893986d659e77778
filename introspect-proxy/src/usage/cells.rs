//! Every counter, found by account and metric; bounded in number.
//! It refuses a new counter rather than to forget one whose use was not taken yet.

use super::cell::Cell;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

const SHARDS: usize = 64;

/// The counters of one account, few.
type Account = Vec<Arc<Cell>>;

/// The counters.
pub struct Cells {
    hasher: RandomState,
    shards: [RwLock<HashMap<Box<str>, Account>>; SHARDS],
    count: AtomicUsize,
    most: AtomicUsize,
}

impl Cells {
    /// Room for so many.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| RwLock::default()),
            count: AtomicUsize::new(0),
            most: AtomicUsize::new(most),
        }
    }

    /// Room for so many from now on. Counters that are there stay, also when there are more of them.
    pub fn make_room(&self, most: usize) {
        self.most.store(most, Ordering::Relaxed);
    }

    /// A counter, when there is one.
    #[must_use]
    pub fn find(&self, account: &str, metric: &str) -> Option<Arc<Cell>> {
        let shard = self.shard(account).read().unwrap_or_else(PoisonError::into_inner);
        within(shard.get(account)?, metric)
    }

    /// A counter, made where there is none; none when there is no room for it.
    #[must_use]
    pub fn of(&self, account: &str, metric: &Arc<str>) -> Option<Arc<Cell>> {
        if let Some(known) = self.find(account, metric) {
            return Some(known);
        }
        let most = self.most.load(Ordering::Relaxed);
        if self.count.load(Ordering::Relaxed) >= most {
            self.sweep();
        }
        let mut shard = self
            .shard(account)
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = shard.get(account).and_then(|cells| within(cells, metric)) {
            return Some(known);
        }
        if self.count.fetch_add(1, Ordering::Relaxed) >= most {
            self.count.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let cell = Arc::new(Cell::new(account, metric));
        shard.entry(account.into()).or_default().push(Arc::clone(&cell));
        Some(cell)
    }

    /// Those that have something to tell.
    #[must_use]
    pub fn with_news(&self) -> Vec<Arc<Cell>> {
        let mut found = Vec::new();
        for shard in &self.shards {
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            let news = shard.values().flatten().filter(|cell| cell.has_news());
            found.extend(news.cloned());
        }
        found
    }

    /// Forgets what nobody holds and the server has taken whole.
    fn sweep(&self) {
        for shard in &self.shards {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            shard.retain(|_, cells| {
                let before = cells.len();
                cells.retain(|cell| Arc::strong_count(cell) > 1 || !cell.is_settled());
                self.count.fetch_sub(before - cells.len(), Ordering::Relaxed);
                !cells.is_empty()
            });
        }
    }

    fn shard(&self, account: &str) -> &RwLock<HashMap<Box<str>, Account>> {
        let hash = self.hasher.hash_one(account);
        &self.shards[usize::try_from(hash % SHARDS as u64).unwrap_or(0)]
    }
}

fn within(cells: &Account, metric: &str) -> Option<Arc<Cell>> {
    cells.iter().find(|cell| *cell.metric == *metric).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_that_owes_nothing_makes_room_and_others_stay() {
        let cells = Cells::new(2);
        let calls: Arc<str> = "calls".into();
        let owing = cells.of("1", &calls).unwrap();
        owing.count(3);
        drop(owing);
        drop(cells.of("2", &calls).unwrap());
        assert!(cells.of("3", &calls).is_some(), "the second owes nothing");
        assert!(cells.find("2", "calls").is_none());
        let held = cells.find("3", "calls").unwrap();
        assert!(cells.of("4", &calls).is_none(), "one owes, one is held");
        drop(held);
        assert!(cells.of("4", &calls).is_some());
        assert_eq!(cells.find("1", "calls").unwrap().tell(), 3);
    }

    #[test]
    fn less_room_takes_no_counter_away_that_owes_something() {
        let cells = Cells::new(3);
        let calls: Arc<str> = "calls".into();
        for account in ["1", "2", "3"] {
            cells.of(account, &calls).unwrap().count(1);
        }
        cells.make_room(1);
        assert!(cells.of("4", &calls).is_none());
        assert!(cells.of("3", &calls).is_some());
        assert_eq!(cells.with_news().len(), 3);
        cells.make_room(4);
        assert!(cells.of("4", &calls).is_some());
    }

    #[test]
    fn metrics_of_an_account_are_counted_apart() {
        let cells = Cells::new(10);
        cells.of("1", &"calls".into()).unwrap().count(1);
        cells.of("1", &"bytes".into()).unwrap().count(2);
        assert_eq!(cells.with_news().len(), 2);
        assert_eq!(cells.find("1", "bytes").unwrap().tell(), 2);
        assert_eq!(cells.with_news().len(), 1);
    }
}
