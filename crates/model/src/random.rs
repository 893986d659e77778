//! Where random bytes come from.
//! Refuses weak sources: the real one is the operating system's generator.

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
