//! Rate limits: of routes, of keys, and of questions about unknown tokens; here, or shared between proxies.
//! They refuse to charge a request that one of its limits refuses; the counting is in `shared_limits`.

mod ask;
mod fields;
mod lookups;

pub use ask::{Caller, asks, bucket};
pub use fields::limit_headers;
pub use lookups::{Lookups, Paid};
pub use shared_limits::Verdict;

use crate::clock::Clock;
use crate::config::Rate;
use crate::routes::Budget;
use crate::shared_store::{KeptProofs, Shared};
use shared_limits::{Ask, Counters};
use std::time::Duration;

/// Keys that are counted here at once.
const KEYS: usize = 512 * 1024;

/// Counters of everything that is limited.
pub struct RateLimiter(Counters<KeptProofs>);

/// What the limits say about one request.
#[derive(Clone, Debug)]
pub struct Standing {
    /// One line per limit, in order.
    pub limits: Vec<LimitLine>,
    /// How long to wait, when the request is refused.
    pub retry_after: Option<Duration>,
    /// When this was so, in seconds since the epoch.
    pub told_at: i64,
}

/// One limit and what it says.
#[derive(Clone, Copy, Debug)]
pub struct LimitLine {
    /// What answers call it.
    pub name: &'static str,
    /// The budget.
    pub rate: Rate,
    /// What it says.
    pub verdict: Verdict,
}

impl Default for RateLimiter {
    fn default() -> Self {
        Self::new(None)
    }
}

impl RateLimiter {
    /// Counts in this process, or together with others.
    #[must_use]
    pub fn new(shared: Option<Shared>) -> Self {
        Self(Counters::new(KEYS, shared))
    }

    /// What is shared with other proxies.
    #[must_use]
    pub const fn shared(&self) -> Option<&Shared> {
        self.0.shared()
    }

    /// Counts a request against all its limits, or against none when one of them is exhausted; none when it has no limits.
    pub async fn admit(&self, budgets: &[Budget], caller: Caller<'_>, clock: &Clock) -> Option<Standing> {
        let mut asks = asks(budgets, caller);
        if asks.is_empty() {
            return None;
        }
        let counted = self.0.take(&mut asks, None, clock.tick().millis()).await;
        Some(Standing::new(&asks, &counted.verdicts, clock.unix_seconds()))
    }
}

impl Standing {
    fn new(asks: &[Ask<'_>], verdicts: &[Verdict], told_at: i64) -> Self {
        let line = |(ask, verdict): (&Ask<'_>, &Verdict)| LimitLine {
            name: ask.name,
            rate: ask.rate.into(),
            verdict: *verdict,
        };
        let full = verdicts.iter().filter(|verdict| !verdict.has_room);
        Self {
            limits: asks.iter().zip(verdicts).map(line).collect(),
            retry_after: full.map(|verdict| verdict.reset).max(),
            told_at,
        }
    }

    /// The limit that refused the request for longest, or the one that will refuse first.
    #[must_use]
    pub fn nearest(&self) -> Option<&LimitLine> {
        let lines = self.limits.iter();
        if self.retry_after.is_some() {
            let full = lines.filter(|line| !line.verdict.has_room);
            full.max_by_key(|line| line.verdict.reset)
        } else {
            lines.min_by_key(|line| line.verdict.remaining)
        }
    }
}
