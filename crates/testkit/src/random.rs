//! Random bytes that are the same in every run.
//! For tests only: whoever knows the seed knows every secret made from it.

use std::sync::{Mutex, PoisonError};

use model::Random;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// A repeatable source of bytes.
pub struct TestRandom(Mutex<StdRng>);

impl TestRandom {
    /// The same seed gives the same bytes, in the order in which they are asked for.
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Default for TestRandom {
    fn default() -> Self {
        Self::seeded(0)
    }
}

impl Random for TestRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_fixes_the_bytes_and_they_do_not_repeat() {
        let draw = |random: &TestRandom| {
            let mut bytes = [0; 16];
            random.fill(&mut bytes);
            bytes
        };
        let (one, same, other) = (
            TestRandom::seeded(1),
            TestRandom::seeded(1),
            TestRandom::seeded(2),
        );
        let first = draw(&one);
        assert_eq!(first, draw(&same));
        assert_ne!(first, draw(&one));
        assert_ne!(first, draw(&other));
    }
}
