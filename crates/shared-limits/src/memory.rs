//! Windows of many keys in this process, bounded in number.
//! It refuses a new key rather than to forget one that still counts.

use crate::Rate;
use crate::window::{self, Verdict, Window};
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const SHARDS: usize = 16;
/// How long a full shard waits before it looks again for keys that count no more.
const SWEEP_PAUSE: u64 = 100;

/// Counters of everything that is limited here.
pub struct Memory {
    hasher: RandomState,
    keys_per_shard: usize,
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Default)]
struct Shard {
    windows: HashMap<u64, (Window, Duration)>,
    swept_at: u64,
}

impl Memory {
    /// Room for so many keys, roughly.
    #[must_use]
    pub fn new(keys: usize) -> Self {
        Self {
            hasher: RandomState::new(),
            keys_per_shard: keys / SHARDS,
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }

    /// The key of something.
    #[must_use]
    pub fn key(&self, of: impl Hash) -> u64 {
        self.hasher.hash_one(of)
    }

    /// Counts a request against all of these limits, or against none when one has no room; `now` in milliseconds.
    #[must_use]
    pub fn take(&self, limits: &[(u64, Rate)], now: u64) -> Vec<Verdict> {
        let mut shards = self.lock(limits);
        let mut windows: Vec<(Window, Rate)> = Vec::with_capacity(limits.len());
        for (key, rate) in limits {
            match shards.window(*key, now, self.keys_per_shard) {
                Some(window) => windows.push((window, *rate)),
                // Too many callers at once to count one more: better to refuse than not to limit.
                None => return limits.iter().map(|_| CROWDED).collect(),
            }
        }
        let verdicts = window::take(&mut windows, now);
        for ((key, rate), (window, _)) in limits.iter().zip(windows) {
            shards.of(*key).windows.insert(*key, (window, rate.window));
        }
        verdicts
    }

    /// Gives back what was taken of `key`.
    pub fn refund(&self, key: u64) {
        let mut shard = self.shards[index(key)]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((window, _)) = shard.windows.get_mut(&key) {
            window.refund();
        }
    }

    /// The shards of these keys, always locked in the same order.
    fn lock(&self, limits: &[(u64, Rate)]) -> Locked<'_> {
        let mut indices: Vec<usize> = limits.iter().map(|(key, _)| index(*key)).collect();
        indices.sort_unstable();
        indices.dedup();
        let lock = |index: usize| {
            let shard = self.shards[index].lock().unwrap_or_else(PoisonError::into_inner);
            (index, shard)
        };
        Locked(indices.into_iter().map(lock).collect())
    }
}

const CROWDED: Verdict = Verdict {
    has_room: false,
    remaining: 0,
    reset: Duration::from_secs(1),
};

struct Locked<'a>(Vec<(usize, MutexGuard<'a, Shard>)>);

impl Locked<'_> {
    fn of(&mut self, key: u64) -> &mut Shard {
        let wanted = index(key);
        let at = self.0.iter().position(|(index, _)| *index == wanted);
        &mut self.0[at.unwrap_or(0)].1
    }

    /// The window of a key, or a new one; none when there is no room for a new one.
    fn window(&mut self, key: u64, now: u64, most: usize) -> Option<Window> {
        let shard = self.of(key);
        if let Some((window, _)) = shard.windows.get(&key) {
            return Some(*window);
        }
        if shard.windows.len() >= most && now >= shard.swept_at + SWEEP_PAUSE {
            shard.swept_at = now;
            shard
                .windows
                .retain(|_, (window, length)| !window.is_idle(*length, now));
        }
        (shard.windows.len() < most).then(|| Window::begin(now))
    }
}

fn index(key: u64) -> usize {
    usize::try_from(key >> 60).unwrap_or(0) % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        count: 100,
        window: Duration::from_secs(60),
    };

    fn passes(memory: &Memory, key: u64, rate: Rate, now: u64) -> bool {
        memory.take(&[(key, rate)], now)[0].has_room
    }

    /// A01
    #[test]
    fn parallel_takers_share_one_budget() {
        let memory = Memory::new(1024);
        let limits = [(1, RATE), (u64::MAX, RATE)];
        let passed: usize = std::thread::scope(|scope| {
            let take = || memory.take(&limits, 0).iter().all(|verdict| verdict.has_room);
            let takers: Vec<_> = (0..8)
                .map(|_| scope.spawn(move || (0..125).filter(|_| take()).count()))
                .collect();
            takers.into_iter().map(|taker| taker.join().unwrap()).sum()
        });
        assert_eq!(passed, 100);
    }

    #[test]
    fn memory_is_bounded_and_idle_keys_make_room() {
        let memory = Memory::new(16 * SHARDS);
        for key in 0..1000 {
            passes(&memory, key, RATE, 0);
        }
        assert_eq!(memory.shards[0].lock().unwrap().windows.len(), 16);
        assert!(!passes(&memory, 1001, RATE, 0));
        assert!(passes(&memory, 1, RATE, 0), "who is known is counted");
        let later = 120_000;
        assert!(passes(&memory, 1001, RATE, later));
    }

    #[test]
    fn a_refund_makes_room_again() {
        let memory = Memory::new(1024);
        let rate = Rate { count: 1, ..RATE };
        assert!(passes(&memory, 7, rate, 0) && !passes(&memory, 7, rate, 0));
        memory.refund(7);
        assert!(passes(&memory, 7, rate, 0));
    }
}
