//! Names of requests and decisions: unique, meaningless, cheap.
//! They refuse to be secrets.

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

    /// A new name for a decision.
    #[must_use]
    pub fn decision(&self) -> String {
        self.name("dec")
    }

    fn name(&self, prefix: &str) -> String {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let (high, low) = (
            self.seed.hash_one((count, 0_u8)),
            self.seed.hash_one((count, 1_u8)),
        );
        format!("{prefix}_{high:016x}{low:016x}")
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
