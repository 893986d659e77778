//! Limits counted in the shared store, together with other proxies: one round trip, all limits of a request or none.
//! It refuses to hold a request up: without an answer in time the caller counts its share by itself.

use super::ask::Ask;
use super::window::Verdict;
use crate::config::{Rate, SharedLimits};
use crate::metrics::Metrics;
use crate::shared_store::SharedStore;
use std::sync::Arc;
use std::time::Duration;

/// The script, without its clock: it expects `now` in milliseconds.
pub const TAKE: &str = include_str!("take.lua");

/// The shared counters.
pub struct Shared {
    store: Arc<SharedStore>,
    prefix: Box<str>,
    proxies: u32,
    timeout: Duration,
    metrics: Arc<Metrics>,
}

impl Shared {
    /// Counters in this store.
    #[must_use]
    pub fn new(settings: &SharedLimits, store: Arc<SharedStore>, metrics: Arc<Metrics>) -> Self {
        Self {
            store,
            prefix: settings.prefix.as_str().into(),
            proxies: settings.proxies.max(1),
            timeout: settings.timeout.0,
            metrics,
        }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &SharedStore {
        &self.store
    }

    /// What this proxy lets through alone while the store is away; never nothing where the whole is something.
    #[must_use]
    pub fn local_share(&self, rate: Rate) -> Rate {
        Rate {
            count: (rate.count / self.proxies).max(rate.count.min(1)),
            window: rate.window,
        }
    }

    /// Counts a request against all limits or none; nothing when the store does not answer in time.
    pub async fn take(&self, asks: &[Ask<'_>]) -> Option<Vec<Verdict>> {
        let verdicts = self.ask(asks).await;
        if verdicts.is_none() {
            self.metrics.limit_counted_alone();
        }
        verdicts
    }

    async fn ask(&self, asks: &[Ask<'_>]) -> Option<Vec<Verdict>> {
        let link = self.store.link()?;
        let key = |ask: &Ask<'_>| (format!("{}:{}", self.prefix, ask.digest()), ask.rate);
        let limits: Vec<_> = asks.iter().map(key).collect();
        let answer = self.store.answer(&link, self.timeout, link.take(&limits));
        answer.await.ok()
    }
}
