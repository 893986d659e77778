//! The figures that API keys have of their own: one budget for a key, wherever at this server it is used.
//! Refuses to know whose key it is; what a key is exchanged for counts as the key.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::Timestamp;
use model::api_key::ApiKeyId;
use moka::sync::Cache;

use super::limiter::{BYTES, OVERHEAD};
use super::log::Log;
use super::verdict::Verdict;
use crate::config::Rate;

/// What the answers call it.
const NAME: &str = "key";
const MINUTE: Duration = Duration::from_secs(60);

/// The budgets of keys, in this process.
#[derive(Clone)]
pub struct KeyLimits(Cache<(ApiKeyId, u32), Arc<Budget>>);

struct Budget {
    rate: Rate,
    log: Mutex<Log>,
}

/// The budget of one key.
#[derive(Clone)]
pub struct OwnLimit(Arc<Budget>);

impl Default for KeyLimits {
    fn default() -> Self {
        let weight = |quota: u32| u32::try_from(OVERHEAD + u64::from(quota) * size_of::<Timestamp>() as u64);
        let budgets = Cache::builder()
            .max_capacity(BYTES)
            .weigher(move |_, budget: &Arc<Budget>| weight(budget.rate.quota()).unwrap_or(u32::MAX))
            .time_to_idle(MINUTE * 2)
            .build();
        Self(budgets)
    }
}

impl KeyLimits {
    /// The budget of the key that may make so many requests a minute.
    pub fn of(&self, key: ApiKeyId, per_minute: u32) -> OwnLimit {
        let budget = self.0.get_with((key, per_minute), || {
            Arc::new(Budget {
                rate: Rate::per_minute(per_minute),
                log: Mutex::default(),
            })
        });
        OwnLimit(budget)
    }
}

impl OwnLimit {
    /// Judges and counts a request.
    pub fn take(&self, now: Timestamp) -> Verdict {
        let rate = self.0.rate;
        let mut log = self.0.log.lock().unwrap_or_else(PoisonError::into_inner);
        Verdict::new(NAME, rate, log.take(rate, now))
    }

    /// The request that was counted last was refused for another reason.
    pub(super) fn give_back(&self) {
        let mut log = self.0.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.give_back();
    }
}

#[cfg(test)]
mod tests {
    use model::SystemRandom;

    use super::*;

    #[test]
    fn each_key_has_a_budget_of_its_own_size() {
        let limits = KeyLimits::default();
        let (one, other) = (ApiKeyId::random(&SystemRandom), ApiKeyId::random(&SystemRandom));
        let now = Timestamp::from_seconds(1000);
        let allowed = |key, quota| {
            let takes = (0..20).map(|_| limits.of(key, quota).take(now).is_allowed());
            takes.filter(|allowed| *allowed).count()
        };
        assert_eq!((allowed(one, 3), allowed(other, 5), allowed(one, 3)), (3, 5, 0));
    }

    #[test]
    fn what_is_given_back_can_be_used_again() {
        let limit = KeyLimits::default().of(ApiKeyId::random(&SystemRandom), 1);
        let now = Timestamp::from_seconds(1000);
        assert!(limit.take(now).is_allowed() && !limit.take(now).is_allowed());
        limit.give_back();
        assert!(limit.take(now).is_allowed());
    }
}
