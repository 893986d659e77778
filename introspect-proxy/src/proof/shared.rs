//! Proofs taken by any of several proxies, remembered in the store that they share.
//! It refuses to guess: where the store does not say that a proof is new, it is not taken.

use super::{GENERATION, Unproven};
use crate::refusal::Refusal;
use crate::shared_store::{Link, SharedStore, Silence, Taken};
use std::sync::Arc;
use std::time::Duration;

/// Twice as long as a proof is good: the clocks of proxies may differ by that much.
const REMEMBERED: Duration = GENERATION.saturating_mul(2);
/// How long a request waits. Longer than for a limit, which can be counted without the store.
const WAIT: Duration = Duration::from_millis(250);

/// The store, for proofs.
pub(super) struct SharedProofs {
    store: Arc<SharedStore>,
}

/// Why a proof was not taken.
pub(super) enum NotTaken {
    /// It was taken before.
    Before,
    /// The store is away: proofs need a nonce of this proxy's own now.
    Away,
    /// The store did not say in time.
    Late,
}

impl SharedProofs {
    pub(super) const fn new(store: Arc<SharedStore>) -> Self {
        Self { store }
    }

    /// The connection, while the store remembers proofs.
    pub(super) fn link(&self) -> Option<Arc<Link>> {
        self.store
            .link()
            .filter(|link| link.companion().nonces().is_some())
    }

    /// Takes a proof whose nonce is one of this link.
    pub(super) async fn take(&self, link: &Arc<Link>, digest: &[u8; 32]) -> Result<(), NotTaken> {
        let kept = link.companion();
        let question = kept.take(link.connection(), digest, REMEMBERED);
        match self.store.answer(link, WAIT, question).await {
            Ok(Taken::Now) => Ok(()),
            Ok(Taken::Before) => Err(NotTaken::Before),
            Ok(Taken::Forgotten) => {
                self.store.lose(link, "it lost its memory");
                Err(NotTaken::Away)
            }
            Err(Silence::Away) => Err(NotTaken::Away),
            Err(Silence::Late) => Err(NotTaken::Late),
        }
    }
}

impl NotTaken {
    /// What the sender is told; `nonce` is one of this proxy's own.
    pub(super) fn refusal(self, nonce: impl FnOnce() -> Box<str>) -> Refusal {
        match self {
            Self::Before => Refusal::Unproven(Unproven::USED),
            Self::Away => Refusal::Unproven(Unproven::Nonce(nonce())),
            Self::Late => Refusal::Unavailable("the store of used proofs does not answer"),
        }
    }
}
