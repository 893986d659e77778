//! The last refusals, bounded in number and, for each route and code, in number per second.
//! It refuses to let a flood of one kind push out everything else, and to let a flood cost more than an addition.

use super::record::Record;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Kinds of refusals that are told apart; two that share a cell share its quota.
const CELLS: usize = 1024;

/// The last refusals.
pub struct Decisions {
    most: usize,
    per_second: u64,
    kept: Mutex<VecDeque<Arc<Record>>>,
    /// In each cell a second (upper half) and how many were kept in it (lower half).
    quotas: Box<[AtomicU64]>,
    passed_over: AtomicU64,
}

/// Which records are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of this route.
    pub route: Option<String>,
    /// With this code.
    pub code: Option<String>,
    /// At most so many.
    pub limit: usize,
}

impl Decisions {
    /// Room for `most` records, of which each route and code gets `per_second` in a second.
    #[must_use]
    pub fn new(most: usize, per_second: u32) -> Self {
        Self {
            most,
            per_second: u64::from(per_second),
            kept: Mutex::default(),
            quotas: (0..CELLS).map(|_| AtomicU64::new(0)).collect(),
            passed_over: AtomicU64::new(0),
        }
    }

    /// Whether one more of this kind may be kept in this second; counts it.
    #[must_use]
    pub fn has_room(&self, route: usize, code: &str, second: u64) -> bool {
        if self.most == 0 {
            return false;
        }
        let mixed = code.bytes().fold(route.wrapping_mul(0x9e37_79b9), |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(usize::from(byte))
        });
        let cell = &self.quotas[mixed % CELLS];
        let now = (second & 0xffff_ffff) << 32;
        let counted = cell.fetch_add(1, Ordering::Relaxed);
        if counted & 0xffff_ffff_0000_0000 != now {
            // Two that come at the same moment may both begin the second: then one more is kept.
            cell.store(now | 1, Ordering::Relaxed);
            return true;
        }
        let has_room = counted & 0xffff_ffff < self.per_second;
        if !has_room {
            self.passed_over.fetch_add(1, Ordering::Relaxed);
        }
        has_room
    }

    /// Keeps a record; the oldest makes room.
    pub fn keep(&self, record: Record) {
        let record = Arc::new(record);
        let mut kept = self.lock();
        let oldest = if kept.len() >= self.most {
            kept.pop_front()
        } else {
            None
        };
        kept.push_back(record);
        drop(kept);
        // What the oldest held is given back outside the lock.
        drop(oldest);
    }

    /// The record of a decision, or the latest about a request of this name. Clients may name their requests, so decisions
    /// go before.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Arc<Record>> {
        let kept = self.lock();
        let of = |name: fn(&Record) -> &str| kept.iter().rev().find(|record| name(record) == id);
        of(|record| &record.id)
            .or_else(|| of(|record| &record.request_id))
            .cloned()
    }

    /// The wanted records, the newest first.
    #[must_use]
    pub fn list(&self, wanted: &Wanted) -> Vec<Arc<Record>> {
        let fits = |record: &&Arc<Record>| {
            wanted
                .route
                .as_deref()
                .is_none_or(|name| name == record.route_name())
                && wanted
                    .code
                    .as_deref()
                    .is_none_or(|code| code == record.refusal.form().code)
        };
        let kept = self.lock();
        kept.iter()
            .rev()
            .filter(fits)
            .take(wanted.limit)
            .cloned()
            .collect()
    }

    /// How many were not kept because there were too many of their kind in a second.
    #[must_use]
    pub fn passed_over(&self) -> u64 {
        self.passed_over.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Arc<Record>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_one_kind_leaves_room_for_others() {
        let decisions = Decisions::new(100, 3);
        let kept = (0..1000).filter(|_| decisions.has_room(0, "no_route", 7)).count();
        assert_eq!((kept, decisions.passed_over()), (3, 997));
        assert!(decisions.has_room(1, "no_route", 7) && decisions.has_room(0, "rate_limited", 7));
        assert!(decisions.has_room(0, "no_route", 8), "a new second");
    }

    #[test]
    fn nothing_is_kept_where_nothing_is_wanted() {
        assert!(!Decisions::new(0, 5).has_room(0, "no_route", 1));
    }
}
