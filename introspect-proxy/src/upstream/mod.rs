//! The instances of a service: which one is next, which ones are well, which ones are left alone for a while.
//! It refuses to stop trying when health checks find none well; only failing requests themselves pause an instance.

mod breaker;
mod health;
mod instance;
mod resolve;
mod retry_budget;
mod schedule;
mod standing;
mod tls;

pub use instance::Attempt;
pub use resolve::compile;
pub use standing::render;

use crate::clock::Tick;
use crate::config;
use arc_swap::ArcSwap;
use instance::Instance;
use pingora::upstreams::peer::HttpPeer;
use retry_budget::RetryBudget;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// One service.
pub struct Upstream {
    /// Its name.
    pub name: String,
    settings: config::Upstream,
    trust: tls::Trust,
    pool: ArcSwap<Pool>,
    next: AtomicUsize,
    budget: RetryBudget,
}

/// All services by name.
pub type Upstreams = HashMap<Box<str>, Arc<Upstream>>;

/// The instances at one time, and the order in which they take turns.
struct Pool {
    instances: Vec<Arc<Instance>>,
    order: Box<[u16]>,
}

/// Why no instance may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoInstance {
    /// Every one failed lately; the next trial is due then.
    Paused(Duration),
    /// Every one has as many requests as it may have.
    Busy,
    /// There is none.
    None,
}

impl Upstream {
    /// The next instance that was not tried for this request yet; others when there is no such.
    ///
    /// # Errors
    /// Why there is none.
    pub fn pick(&self, tried: &[SocketAddr], now: Tick) -> Result<(Attempt, Box<HttpPeer>), NoInstance> {
        let pool = self.pool.load();
        let count = pool.order.len();
        if count == 0 {
            return Err(NoInstance::None);
        }
        let start = if count > 1 {
            self.next.fetch_add(1, Ordering::Relaxed)
        } else {
            0
        };
        let turn = |offset: usize| pool.instance(start.wrapping_add(offset) % count);
        let fresh = |instance: &&Arc<Instance>| !tried.contains(&instance.address);
        let chosen = self
            .preferred(&pool, start)
            .filter(|one| fresh(one) && one.is_well())
            .and_then(|one| one.begin(now))
            .or_else(|| first(count, &turn, now, |one| fresh(one) && one.is_well()))
            .or_else(|| first(count, &turn, now, |one| one.is_well()))
            .or_else(|| first(count, &turn, now, |_| true));
        match chosen {
            Some(attempt) => {
                // Retries earn no further retries.
                if tried.is_empty() {
                    self.budget.deposit();
                }
                let peer = Box::new(attempt.peer().clone());
                Ok((attempt, peer))
            }
            None => Err(pool.reason(now)),
        }
    }

    /// Whether a request that failed after `attempts` may be tried once more; takes from the budget.
    #[must_use]
    pub fn may_retry(&self, attempts: usize, now: Tick) -> bool {
        attempts <= self.settings.retries && self.budget.withdraw(now)
    }

    /// With `least-requests`: the less loaded of two that are far apart in the order.
    fn preferred<'a>(&self, pool: &'a Pool, start: usize) -> Option<&'a Arc<Instance>> {
        if self.settings.balance != config::Balance::LeastRequests {
            return None;
        }
        let count = pool.order.len();
        let one = pool.instance(start % count);
        // A multiplicative hash of the turn: no pair of neighbours is compared again and again.
        let far = start.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let other = pool.instance(far % count);
        Some(if other.load() < one.load() { other } else { one })
    }

    /// Follows names and health for as long as the task lives.
    pub async fn watch(self: Arc<Self>) {
        tokio::join!(resolve::follow(&self), health::follow(&self));
    }

    fn instances(&self) -> Vec<Arc<Instance>> {
        self.pool.load().instances.clone()
    }
}

fn first<'a>(
    count: usize,
    turn: &impl Fn(usize) -> &'a Arc<Instance>,
    now: Tick,
    wanted: impl Fn(&&Arc<Instance>) -> bool,
) -> Option<Attempt> {
    (0..count).map(turn).filter(wanted).find_map(|one| one.begin(now))
}

impl Pool {
    fn new(instances: Vec<Arc<Instance>>) -> Self {
        let weights: Vec<u16> = instances.iter().map(|instance| instance.weight).collect();
        Self {
            order: schedule::order(&weights),
            instances,
        }
    }

    fn instance(&self, turn: usize) -> &Arc<Instance> {
        &self.instances[usize::from(self.order[turn])]
    }

    fn reason(&self, now: Tick) -> NoInstance {
        let waits = self
            .instances
            .iter()
            .filter_map(|instance| instance.paused_for(now));
        waits.min().map_or(NoInstance::Busy, NoInstance::Paused)
    }
}

#[cfg(test)]
mod tests;
