//! Limits counted in the shared store, together with other processes: one round trip, all limits of a request or none.
//! It refuses to hold a request up: without an answer in time the caller counts its share by itself.

use crate::{Ask, Companion, Observer, Settings, Store, Verdict};
use std::sync::Arc;
use std::time::Duration;

/// The script, without its clock: it expects `now` in milliseconds.
pub const TAKE: &str = include_str!("take.lua");

/// The shared counters.
pub struct Shared<C: Companion = ()> {
    store: Arc<Store<C>>,
    prefix: Box<str>,
    replicas: u32,
    timeout: Duration,
    observer: Arc<dyn Observer>,
}

impl<C: Companion> Shared<C> {
    /// Counters in this store.
    #[must_use]
    pub fn new(settings: &Settings, store: Arc<Store<C>>, observer: Arc<dyn Observer>) -> Self {
        Self {
            store,
            prefix: settings.prefix.as_str().into(),
            replicas: settings.replicas,
            timeout: settings.timeout,
            observer,
        }
    }

    /// The store.
    #[must_use]
    pub const fn store(&self) -> &Arc<Store<C>> {
        &self.store
    }

    /// How many processes count there.
    pub(crate) const fn replicas(&self) -> u32 {
        self.replicas
    }

    /// What a limit of a caller is called in the store.
    pub(crate) fn key(&self, ask: &Ask<'_>) -> String {
        format!("{}:{}", self.prefix, ask.digest())
    }

    /// Counts a request against all limits or none, and gives back one that `back` has counted; nothing when the store does
    /// not answer in time.
    pub(crate) async fn take(&self, asks: &[Ask<'_>], back: Option<&str>) -> Option<Vec<Verdict>> {
        let verdicts = self.ask(asks, back).await;
        if verdicts.is_none() {
            self.observer.counted_alone();
        }
        verdicts
    }

    async fn ask(&self, asks: &[Ask<'_>], back: Option<&str>) -> Option<Vec<Verdict>> {
        let link = self.store.link()?;
        let key = |ask: &Ask<'_>| (self.key(ask), ask.rate);
        let limits: Vec<_> = asks.iter().map(key).collect();
        let question = link.take(&limits, back);
        self.store.answer(&link, self.timeout, question).await.ok()
    }
}
