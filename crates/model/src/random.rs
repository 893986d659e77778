//! Where random bytes come from.
//! Refuses weak sources: the real one is the operating system's generator.

use std::cell::RefCell;
use std::sync::Arc;

use rand::TryRng;

/// A source of random bytes, as a value that tests can make repeatable.
pub trait Random: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// 32 fresh bytes: the entropy of every bearer secret.
pub fn secret_bytes(random: &dyn Random) -> [u8; 32] {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    bytes
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl SystemRandom {
    pub fn shared() -> Arc<dyn Random> {
        Arc::new(Self)
    }
}

impl Random for SystemRandom {
    /// # Panics
    /// When the operating system has no randomness to give: nothing safe can be done then.
    #[expect(clippy::expect_used, reason = "without randomness nothing safe can go on")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::rngs::SysRng
            .try_fill_bytes(bytes)
            .expect("the operating system gives random bytes");
    }
}

/// The same for names that are no secrets, such as those of requests: read ahead, so that not every name is a system call.
#[derive(Clone, Copy, Debug, Default)]
pub struct NameRandom;

const AHEAD: usize = 1024;

thread_local! {
    /// What was read, and how much of it is left.
    static UNUSED: RefCell<([u8; AHEAD], usize)> = const { RefCell::new(([0; AHEAD], 0)) };
}

impl Random for NameRandom {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > AHEAD {
            return SystemRandom.fill(bytes);
        }
        UNUSED.with_borrow_mut(|(read, left)| {
            if *left < bytes.len() {
                SystemRandom.fill(read);
                *left = AHEAD;
            }
            let end = *left;
            *left -= bytes.len();
            bytes.copy_from_slice(&read[*left..end]);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_differ_also_where_more_is_read_and_whatever_their_length() {
        let mut seen = HashSet::new();
        for length in [16, 24, AHEAD, AHEAD + 1] {
            for _ in 0..200 {
                let mut bytes = vec![0; length];
                NameRandom.fill(&mut bytes);
                assert!(seen.insert(bytes));
            }
        }
    }
}
