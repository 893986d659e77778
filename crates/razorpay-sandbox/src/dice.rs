//! Chance that can be repeated: ids, delays, losses.
//! Not for secrets: whoever knows the seed knows what comes.

use rand::TryRng;
use serde::{Deserialize, Serialize};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_CHARS: usize = 14;

/// A generator of the SplitMix64 kind.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Repeatable with a seed, from the operating system without one.
    #[expect(clippy::expect_used, reason = "without randomness nothing useful can go on")]
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self(seed.unwrap_or_else(|| {
            let mut bytes = [0; 8];
            rand::rngs::SysRng
                .try_fill_bytes(&mut bytes)
                .expect("the operating system gives random bytes");
            u64::from_le_bytes(bytes)
        }))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `most`.
    pub(crate) fn up_to(&mut self, most: u32) -> u32 {
        let number = self.next() % (u64::from(most) + 1);
        u32::try_from(number).unwrap_or(most)
    }

    /// An id such as `order_` and 14 letters and digits.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        let letters = (0..ID_CHARS).map(|_| {
            let place = usize::try_from(self.next() % 62).unwrap_or(0);
            char::from(BASE62[place])
        });
        let letters: String = letters.collect();
        format!("{prefix}_{letters}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (mut one, mut other) = (Dice::new(Some(7)), Dice::new(Some(7)));
        assert_eq!(one.id("pay"), other.id("pay"));
        let (first, second) = (one.id("order"), one.id("order"));
        assert_ne!(first, second);
        assert_eq!(first.len(), "order_".len() + 14);
    }

    #[test]
    fn numbers_stay_within_their_bound() {
        let mut dice = Dice::new(None);
        assert!((0..1_000).all(|_| dice.up_to(3) <= 3));
        assert_eq!(dice.up_to(0), 0);
    }
}
