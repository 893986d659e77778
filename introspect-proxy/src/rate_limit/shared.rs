//! Limits counted in Redis or Valkey, together with other proxies: one round trip, all limits of a request or none.
//! It refuses to hold a request up: without an answer in time the caller counts its share by itself.

use super::ask::Ask;
use super::link::{Link, Target};
use super::window::Verdict;
use crate::config::{Rate, SharedLimits};
use crate::metrics::Metrics;
use arc_swap::ArcSwapOption;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

/// The script, without its clock: it expects `now` in milliseconds.
pub const TAKE: &str = include_str!("take.lua");

/// The store's own clock, so that proxies need not agree on the time.
const CLOCK: &str = "local t = redis.call('TIME')\nlocal now = t[1] * 1000 + math.floor(t[2] / 1000)\n";

/// So many requests wait for the store at once; more count their share.
const PLACES: usize = 4096;
/// So many answers in a row must be late before the store counts as away.
const PATIENCE: u32 = 3;
/// How often an idle link is tried.
const HEARTBEAT: Duration = Duration::from_secs(1);
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The shared counters.
pub struct Shared {
    target: Target,
    prefix: Box<str>,
    proxies: u32,
    timeout: Duration,
    link: ArcSwapOption<Link>,
    lost: Notify,
    late: AtomicU32,
    places: Semaphore,
    metrics: Arc<Metrics>,
}

impl Shared {
    /// Prepares the counters; nothing is connected before [`Shared::keep`] runs.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub fn new(settings: &SharedLimits, metrics: Arc<Metrics>) -> Result<Self, String> {
        Ok(Self {
            target: Target::new(settings)?,
            prefix: settings.prefix.as_str().into(),
            proxies: settings.proxies.max(1),
            timeout: settings.timeout.0,
            link: ArcSwapOption::empty(),
            lost: Notify::new(),
            late: AtomicU32::new(0),
            places: Semaphore::new(PLACES),
            metrics,
        })
    }

    /// Whether the store is there, as far as is known.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.link.load().is_some()
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
        let link = self.link.load_full()?;
        let _place = self.places.try_acquire().ok()?;
        let key = |ask: &Ask<'_>| (format!("{}:{}", self.prefix, ask.digest()), ask.rate);
        let limits: Vec<_> = asks.iter().map(key).collect();
        match tokio::time::timeout(self.timeout, link.take(&limits)).await {
            Ok(Ok(verdicts)) => {
                self.late.store(0, Ordering::Relaxed);
                Some(verdicts)
            }
            Ok(Err(error)) => {
                self.lose(&link, &error.to_string());
                None
            }
            Err(_) => {
                if self.late.fetch_add(1, Ordering::Relaxed) + 1 >= PATIENCE {
                    self.lose(&link, "it answers too late");
                }
                None
            }
        }
    }

    /// Drops a link, unless it was replaced already.
    fn lose(&self, link: &Arc<Link>, why: &str) {
        let before = self.link.compare_and_swap(link, None);
        if before.as_ref().is_some_and(|before| Arc::ptr_eq(before, link)) {
            tracing::warn!(why, "the shared limits are away; this proxy counts its share");
            self.metrics.shared_limits(false);
            self.lost.notify_one();
        }
    }

    /// Connects, and connects again, for ever.
    pub async fn keep(&self) {
        let mut pause = SHORTEST_PAUSE;
        loop {
            match self.target.connect(&format!("{CLOCK}{TAKE}")).await {
                Ok(link) => {
                    tracing::info!("the shared limits are there");
                    pause = SHORTEST_PAUSE;
                    self.late.store(0, Ordering::Relaxed);
                    let link = Arc::new(link);
                    self.link.store(Some(Arc::clone(&link)));
                    self.metrics.shared_limits(true);
                    self.watch(&link).await;
                }
                Err(why) => tracing::debug!(%why, "the shared limits are not there"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Returns when the link is lost.
    async fn watch(&self, link: &Arc<Link>) {
        while tokio::time::timeout(HEARTBEAT, self.lost.notified())
            .await
            .is_err()
        {
            if let Err(why) = link.is_alive().await {
                self.lose(link, &why);
            }
        }
    }
}
