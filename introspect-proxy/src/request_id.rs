//! Names of requests and decisions: unique, meaningless, cheap.
//! They refuse to be secrets. Those of decisions are in the order of time, and too many to be tried.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Makes names.
#[derive(Default)]
pub struct RequestIds {
    seed: RandomState,
    count: AtomicU64,
}

impl RequestIds {
    /// A new name for a request.
    #[must_use]
    pub fn request(&self) -> String {
        self.name("req")
    }

    /// A new name for a decision made at `millis`: names sort as the decisions were made, and have 80 bits that
    /// nobody outside can tell beforehand.
    #[must_use]
    pub fn decision(&self, millis: u64) -> String {
        let (high, low) = self.draw();
        let millis = millis & 0xffff_ffff_ffff;
        let high = high & 0xffff;
        format!("dec_{millis:012x}{high:04x}{low:016x}")
    }

    fn name(&self, prefix: &str) -> String {
        let (high, low) = self.draw();
        format!("{prefix}_{high:016x}{low:016x}")
    }

    fn draw(&self) -> (u64, u64) {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        (
            self.seed.hash_one((count, 0_u8)),
            self.seed.hash_one((count, 1_u8)),
        )
    }
}

/// Whether a name given by the client can be used as it is.
#[must_use]
pub fn is_sane(name: &str) -> bool {
    (8..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_sort_by_time_and_none_is_named_twice() {
        let ids = RequestIds::default();
        let names: Vec<_> = [1_800_000_000_000, 1_800_000_000_001, 1_900_000_000_000]
            .map(|millis| ids.decision(millis))
            .into();
        assert!(
            names.is_sorted() && names.iter().all(|name| name.len() == 36 && is_sane(name)),
            "{names:?}"
        );
        assert_ne!(ids.decision(5), ids.decision(5));
    }
}
