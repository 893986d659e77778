//! Rate limits of routes and the budget of unknown tokens, in memory, bounded in keys.
//! They refuse to trust a spelling: addresses count by what they are, IPv6 by /64.

mod window;

pub use window::{Left, Window};

use crate::clock::{Clock, Tick};
use crate::config::{Per, Rate};
use crate::facts::Facts;
use crate::routes::{Budget, Route};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const SHARDS: usize = 16;
const MAX_KEYS_PER_SHARD: usize = 32 * 1024;

/// Counters of everything that is limited.
pub struct RateLimiter {
    hasher: RandomState,
    shards: [Mutex<HashMap<u64, (Window, Duration)>>; SHARDS],
}

/// Who makes a request, as far as limits care.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// What is known of the credential.
    pub facts: Option<&'a Facts>,
    /// The client's address.
    pub address: IpAddr,
}

/// What the limits of a route say about one request.
#[derive(Clone, Debug)]
pub struct Standing {
    /// One line per limit, in order.
    pub limits: Vec<LimitLine>,
    /// How long to wait, when the request is refused.
    pub retry_after: Option<Duration>,
}

/// One limit and what is left of it.
#[derive(Clone, Copy, Debug)]
pub struct LimitLine {
    /// Whose budget.
    pub per: Per,
    /// The budget.
    pub rate: Rate,
    /// What is left.
    pub left: Left,
}

impl Default for RateLimiter {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }
}

impl RateLimiter {
    /// Counts a request against all limits of a route, or against none when one of them is exhausted.
    #[must_use]
    pub fn admit(&self, route: &Route, caller: Caller<'_>, clock: &Clock) -> Option<Standing> {
        if route.rate_limits.is_empty() {
            return None;
        }
        let now = clock.tick();
        let mut limits = Vec::with_capacity(route.rate_limits.len());
        for (count, budget) in route.rate_limits.iter().enumerate() {
            match self.take(self.key(budget, caller), budget.rate, now) {
                Ok(left) => limits.push(LimitLine {
                    per: budget.per,
                    rate: budget.rate,
                    left,
                }),
                Err(wait) => {
                    for taken in &route.rate_limits[..count] {
                        self.refund(self.key(taken, caller));
                    }
                    let left = Left {
                        remaining: 0,
                        reset: wait,
                    };
                    limits.push(LimitLine {
                        per: budget.per,
                        rate: budget.rate,
                        left,
                    });
                    return Some(Standing {
                        limits,
                        retry_after: Some(wait),
                    });
                }
            }
        }
        Some(Standing {
            limits,
            retry_after: None,
        })
    }

    /// Counts one event of `key`.
    ///
    /// # Errors
    /// How long to wait.
    pub fn take(&self, key: u64, rate: Rate, now: Tick) -> Result<Left, Duration> {
        let mut shard = self.shard(key);
        if shard.len() >= MAX_KEYS_PER_SHARD && !shard.contains_key(&key) {
            shard.retain(|_, (window, length)| !window.is_idle(*length, now));
            if shard.len() >= MAX_KEYS_PER_SHARD {
                // Too many callers at once to count one more: better to refuse than not to limit.
                return Err(Duration::from_secs(1));
            }
        }
        shard
            .entry(key)
            .or_insert_with(|| (Window::begin(now), rate.window))
            .0
            .take(rate, now)
    }

    fn refund(&self, key: u64) {
        if let Some((window, _)) = self.shard(key).get_mut(&key) {
            window.refund();
        }
    }

    fn shard(&self, key: u64) -> std::sync::MutexGuard<'_, HashMap<u64, (Window, Duration)>> {
        let index = usize::try_from(key >> 60).unwrap_or(0) % SHARDS;
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn key(&self, budget: &Budget, caller: Caller<'_>) -> u64 {
        let client = || caller.facts.and_then(|facts| facts.client_id.as_deref());
        let named = match budget.per {
            Per::Principal => caller.facts.and_then(Facts::principal),
            Per::Client => client(),
            Per::Address => None,
        };
        match named {
            Some(name) => self.hasher.hash_one((&*budget.label, name)),
            None => self.hasher.hash_one((&*budget.label, bucket(caller.address))),
        }
    }
}

/// The address that counts: IPv4 also when it comes mapped into IPv6, and IPv6 by its /64.
#[must_use]
pub fn bucket(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(
            || {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            },
            IpAddr::V4,
        ),
    }
}

/// The budget of each address for tokens that nobody here knows.
#[derive(Clone)]
pub struct Lookups {
    limiter: Arc<RateLimiter>,
    rate: Rate,
}

impl Lookups {
    /// A budget of `rate` for each address.
    #[must_use]
    pub const fn new(limiter: Arc<RateLimiter>, rate: Rate) -> Self {
        Self { limiter, rate }
    }

    /// Pays for one look-up.
    ///
    /// # Errors
    /// How long to wait.
    pub fn charge(&self, address: IpAddr, now: Tick) -> Result<(), Duration> {
        let key = self.limiter.hasher.hash_one(("look-up", bucket(address)));
        self.limiter.take(key, self.rate, now).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A01
    #[test]
    fn spellings_of_one_client_share_a_bucket() {
        let of = |text: &str| bucket(text.parse().unwrap());
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_eq!(of("2001:db8::1"), of("2001:db8:0:0:ffff::2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn parallel_takers_share_one_budget() {
        let limiter = RateLimiter::default();
        let rate = Rate {
            count: 100,
            window: Duration::from_secs(60),
        };
        let passed: usize = std::thread::scope(|scope| {
            let takers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        (0..125)
                            .filter(|_| limiter.take(1, rate, Tick(1)).is_ok())
                            .count()
                    })
                })
                .collect();
            takers.into_iter().map(|taker| taker.join().unwrap()).sum()
        });
        assert_eq!(passed, 100);
    }

    #[test]
    fn memory_is_bounded() {
        let limiter = RateLimiter::default();
        let rate = Rate {
            count: 1,
            window: Duration::from_secs(60),
        };
        for key in 0..40_000 {
            let _ = limiter.take(key, rate, Tick(1));
        }
        assert_eq!(limiter.shard(0).len(), MAX_KEYS_PER_SHARD);
        assert!(
            limiter.take(40_000, rate, Tick(u64::MAX)).is_ok(),
            "idle keys make room"
        );
    }
}
