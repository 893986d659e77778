//! A Redis or Valkey that proxies share: one connection, for limits counted together and for proofs taken by anyone.
//! It refuses to hold a request up: without an answer in time whoever asks goes on without it.

mod link;

pub use link::Link;
pub(crate) use link::Taken;

use crate::config::SharedLimits;
use crate::metrics::Metrics;
use arc_swap::ArcSwapOption;
use link::Target;
use redis::RedisResult;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

/// So many requests wait for the store at once; more go on without it.
const PLACES: usize = 4096;
/// So many answers in a row must be late before the store counts as away.
const PATIENCE: u32 = 3;
/// How often an idle link is tried.
const HEARTBEAT: Duration = Duration::from_secs(1);
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The store, as far as this proxy can reach it.
pub struct SharedStore {
    target: Target,
    link: ArcSwapOption<Link>,
    lost: Notify,
    late: AtomicU32,
    places: Semaphore,
    metrics: Arc<Metrics>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// The store is away, and nobody waits for it any more.
    Away,
    /// It did not answer in time, or too many wait for it.
    Late,
}

impl SharedStore {
    /// Prepares the store; nothing is connected before [`SharedStore::keep`] runs. `proofs`: it remembers proofs, too.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub fn new(settings: &SharedLimits, proofs: bool, metrics: Arc<Metrics>) -> Result<Self, String> {
        Ok(Self {
            target: Target::new(settings, proofs)?,
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

    /// The connection, when there is one.
    #[must_use]
    pub fn link(&self) -> Option<Arc<Link>> {
        self.link.load_full()
    }

    /// Waits for an answer over a link, but no longer than `wait`.
    pub(crate) async fn answer<T>(
        &self,
        link: &Arc<Link>,
        wait: Duration,
        question: impl Future<Output = RedisResult<T>>,
    ) -> Result<T, Silence> {
        let _place = self.places.try_acquire().map_err(|_| Silence::Late)?;
        match tokio::time::timeout(wait, question).await {
            Ok(Ok(answer)) => {
                self.late.store(0, Ordering::Relaxed);
                Ok(answer)
            }
            Ok(Err(error)) => {
                self.lose(link, &error.to_string());
                Err(Silence::Away)
            }
            Err(_) => {
                if self.late.fetch_add(1, Ordering::Relaxed) + 1 >= PATIENCE {
                    self.lose(link, "it answers too late");
                }
                Err(Silence::Late)
            }
        }
    }

    /// Drops a link, unless it was replaced already.
    pub(crate) fn lose(&self, link: &Arc<Link>, why: &str) {
        let before = self.link.compare_and_swap(link, None);
        if before.as_ref().is_some_and(|before| Arc::ptr_eq(before, link)) {
            tracing::warn!(
                why,
                "the shared store is away; this proxy counts its share of the limits"
            );
            self.metrics.shared_limits(false);
            self.lost.notify_one();
        }
    }

    /// Connects, and connects again, for ever.
    pub async fn keep(&self) {
        let mut pause = SHORTEST_PAUSE;
        loop {
            match self.target.connect().await {
                Ok(link) => {
                    tracing::info!("the shared store is there");
                    pause = SHORTEST_PAUSE;
                    self.late.store(0, Ordering::Relaxed);
                    let link = Arc::new(link);
                    self.link.store(Some(Arc::clone(&link)));
                    self.metrics.shared_limits(true);
                    self.watch(&link).await;
                }
                Err(why) => tracing::debug!(%why, "the shared store is not there"),
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
