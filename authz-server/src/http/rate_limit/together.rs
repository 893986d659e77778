//! Counting in the store that replicas share; while it is away, this one counts its share.
//! Refuses to wait for it longer than is configured: that is done below, for both programs alike.

use std::sync::Arc;

use model::Timestamp;
use shared_limits::{Ask, Counted, Counters, Receipt, Shared};

use super::log::Standing;
use super::verdict::Verdict;
use crate::config::Rate;

/// Callers that are counted here at once while the store is away.
const KEYS: usize = 256 * 1024;

/// The counters that replicas share; cheap to clone.
#[derive(Clone)]
pub struct Together(Arc<Counters>);

/// What was counted too much, to be given back by the way when the request itself is counted.
#[derive(Clone)]
pub struct Owed(pub(super) Receipt);

impl Together {
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(Counters::new(KEYS, Some(shared))))
    }

    /// Whether the store is there, as far as is known.
    pub fn is_connected(&self) -> bool {
        let shared = self.0.shared();
        shared.is_some_and(|shared| shared.store().is_connected())
    }

    /// Counts a request on both limits or on none; what is told is which of them decides.
    pub(super) async fn judge(
        &self,
        (ask, own): (Ask<'_>, Option<Ask<'_>>),
        owed: Option<&Owed>,
        now: Timestamp,
    ) -> Verdict {
        let mut asks: Vec<_> = [Some(ask), own].into_iter().flatten().collect();
        let counted = self.count(&mut asks, owed, now).await;
        let first = told(&asks[0], counted.verdicts[0]);
        match asks.get(1) {
            Some(own) => first.deciding(told(own, counted.verdicts[1])),
            None => first,
        }
    }

    /// Counts on one limit what may be given back.
    pub(super) async fn attempt(&self, mut ask: Ask<'_>, now: Timestamp) -> (Verdict, Receipt) {
        let asks = std::slice::from_mut(&mut ask);
        let counted = self.count(asks, None, now).await;
        let receipt = self.0.receipt(&ask, &counted);
        (told(&ask, counted.verdicts[0]), receipt)
    }

    async fn count(&self, asks: &mut [Ask<'_>], owed: Option<&Owed>, now: Timestamp) -> Counted {
        let millis = u64::try_from(now.as_micros() / 1000).unwrap_or(0);
        self.0.take(asks, owed.map(|owed| &owed.0), millis).await
    }
}

fn told(ask: &Ask<'_>, verdict: shared_limits::Verdict) -> Verdict {
    let rate = Rate::new(ask.rate.count, ask.rate.window.as_secs());
    let standing = Standing {
        is_allowed: verdict.has_room,
        remaining: verdict.remaining,
        more_in: verdict.reset,
    };
    Verdict::new(ask.name, rate, standing)
}
