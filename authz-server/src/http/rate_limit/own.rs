//! The figures that API keys have of their own: one budget for a key, wherever at this server it is used.
//! Refuses to know whose key it is; what a key is exchanged for counts as the key.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::Timestamp;
use model::api_key::ApiKeyId;
use moka::sync::Cache;
use shared_limits::{Ask, Who};

use super::limiter::{BYTES, OVERHEAD};
use super::log::Log;
use super::together::Together;
use super::verdict::Verdict;
use crate::config::Rate;

/// What the answers call it.
const NAME: &str = "key";
/// What tells it from all other limits in a store.
const LABEL: &str = "server/key";
const MINUTE: Duration = Duration::from_secs(60);

/// The budgets of keys, in this process or together with other replicas.
#[derive(Clone)]
pub struct KeyLimits {
    budgets: Cache<(ApiKeyId, u32), Arc<Budget>>,
    together: Option<Together>,
}

struct Budget {
    key: Box<str>,
    rate: Rate,
    /// Of this process alone; empty where replicas count together.
    log: Mutex<Log>,
}

/// The budget of one key.
#[derive(Clone)]
pub struct OwnLimit {
    budget: Arc<Budget>,
    together: Option<Together>,
}

impl Default for KeyLimits {
    fn default() -> Self {
        Self::new(None)
    }
}

impl KeyLimits {
    pub fn new(together: Option<Together>) -> Self {
        let weight = |quota: u32| u32::try_from(OVERHEAD + u64::from(quota) * size_of::<Timestamp>() as u64);
        let budgets = Cache::builder()
            .max_capacity(BYTES)
            .weigher(move |_, budget: &Arc<Budget>| weight(budget.rate.quota()).unwrap_or(u32::MAX))
            .time_to_idle(MINUTE * 2)
            .build();
        Self { budgets, together }
    }

    /// Where replicas count together, if they do.
    pub const fn together(&self) -> Option<&Together> {
        self.together.as_ref()
    }

    /// The budget of the key that may make so many requests a minute.
    pub fn of(&self, key: ApiKeyId, per_minute: u32) -> OwnLimit {
        let budget = self.budgets.get_with((key, per_minute), || {
            Arc::new(Budget {
                key: key.to_string().into(),
                rate: Rate::per_minute(per_minute),
                log: Mutex::default(),
            })
        });
        OwnLimit {
            budget,
            together: self.together.clone(),
        }
    }
}

impl OwnLimit {
    /// Judges and counts a request that counts on nothing else.
    pub async fn take(&self, now: Timestamp) -> Verdict {
        match &self.together {
            None => self.take_here(now),
            Some(together) => together.judge((self.ask(), None), None, now).await,
        }
    }

    pub(super) fn take_here(&self, now: Timestamp) -> Verdict {
        let rate = self.budget.rate;
        let mut log = self.budget.log.lock().unwrap_or_else(PoisonError::into_inner);
        Verdict::new(NAME, rate, log.take(rate, now))
    }

    /// The request that was counted here last was refused for another reason.
    pub(super) fn give_back_here(&self) {
        let mut log = self.budget.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.give_back();
    }

    pub(super) fn ask(&self) -> Ask<'_> {
        Ask {
            name: NAME,
            rate: self.budget.rate.into(),
            label: LABEL,
            who: Who::Named(&self.budget.key),
        }
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
            let takes = (0..20).map(|_| limits.of(key, quota).take_here(now).is_allowed());
            takes.filter(|allowed| *allowed).count()
        };
        assert_eq!((allowed(one, 3), allowed(other, 5), allowed(one, 3)), (3, 5, 0));
    }

    #[test]
    fn what_is_given_back_can_be_used_again() {
        let limit = KeyLimits::default().of(ApiKeyId::random(&SystemRandom), 1);
        let now = Timestamp::from_seconds(1000);
        assert!(limit.take_here(now).is_allowed() && !limit.take_here(now).is_allowed());
        limit.give_back_here();
        assert!(limit.take_here(now).is_allowed());
    }
}
