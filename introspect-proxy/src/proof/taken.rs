//! Which proofs were taken lately, bounded: two generations of digests, the older one thrown away as a whole.
//! It refuses to forget early: when a generation is full, nothing more is taken until it ends.

use crate::clock::Tick;
use oauth::dpop::{MAX_AGE, MAX_AHEAD};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const SHARDS: usize = 16;
/// Longer than any proof is good, so that one generation and the one before cover it.
pub(crate) const GENERATION: Duration =
    Duration::from_secs(MAX_AGE.unsigned_abs() + MAX_AHEAD.unsigned_abs() + 1);

type Digest = [u8; 16];

/// The digests of taken proofs.
pub struct TakenProofs {
    shards: [Mutex<Shard>; SHARDS],
    most: usize,
}

struct Shard {
    begun: Tick,
    current: HashSet<Digest>,
    previous: HashSet<Digest>,
}

/// There is no room to remember another one.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

impl TakenProofs {
    /// Room for about `most` proofs in each stretch of 71 seconds.
    #[must_use]
    pub fn new(most: usize) -> Self {
        let shard = || {
            Mutex::new(Shard {
                begun: Tick(0),
                current: HashSet::new(),
                previous: HashSet::new(),
            })
        };
        Self {
            shards: std::array::from_fn(|_| shard()),
            most: most.div_ceil(SHARDS),
        }
    }

    /// Takes a proof; false when it was taken before.
    ///
    /// # Errors
    /// When there is no room.
    pub fn take(&self, digest: &[u8; 32], now: Tick) -> Result<bool, Full> {
        let mut short = [0; 16];
        short.copy_from_slice(&digest[..16]);
        let shard = &self.shards[usize::from(digest[31]) % SHARDS];
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        shard.turn(now);
        if shard.current.contains(&short) || shard.previous.contains(&short) {
            return Ok(false);
        }
        if shard.current.len() >= self.most {
            return Err(Full);
        }
        shard.current.insert(short);
        Ok(true)
    }
}

impl Shard {
    fn turn(&mut self, now: Tick) {
        let age = now.since(self.begun);
        if age < GENERATION {
            return;
        }
        self.previous = std::mem::take(&mut self.current);
        if age >= GENERATION * 2 {
            self.previous.clear();
        }
        self.begun = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Tick {
        Tick(0).after(Duration::from_secs(3600 + seconds))
    }

    fn digest(number: u8) -> [u8; 32] {
        let mut digest = [number; 32];
        digest[31] = 0;
        digest
    }

    /// O25
    #[test]
    fn a_proof_is_remembered_for_as_long_as_it_could_be_good() {
        for first in [0, 1, 35, 70] {
            let taken = TakenProofs::new(100);
            assert_eq!(taken.take(&digest(1), at(0)), Ok(true));
            assert_eq!(taken.take(&digest(2), at(first)), Ok(true));
            for later in 1..=70 {
                assert_eq!(
                    taken.take(&digest(2), at(first + later)),
                    Ok(false),
                    "{first} {later}"
                );
            }
        }
    }

    #[test]
    fn a_full_store_takes_nothing_and_recovers() {
        let taken = TakenProofs::new(2 * SHARDS);
        assert_eq!(taken.take(&digest(1), at(0)), Ok(true));
        assert_eq!(taken.take(&digest(2), at(0)), Ok(true));
        assert_eq!(taken.take(&digest(3), at(1)), Err(Full));
        assert_eq!(taken.take(&digest(1), at(1)), Ok(false));
        assert_eq!(taken.take(&digest(3), at(71)), Ok(true));
        assert_eq!(taken.take(&digest(1), at(71)), Ok(false));
    }

    #[test]
    fn the_memory_is_given_back() {
        let taken = TakenProofs::new(100);
        assert_eq!(taken.take(&digest(1), at(0)), Ok(true));
        assert_eq!(taken.take(&digest(2), at(200)), Ok(true));
        let shard = taken.shards[0].lock().unwrap();
        assert_eq!((shard.current.len(), shard.previous.len()), (1, 0));
    }
}
