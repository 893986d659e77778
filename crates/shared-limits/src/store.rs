//! A Redis or Valkey that processes share: one connection, made again whenever it is lost.
//! It refuses to hold a request up: without an answer in time whoever asks goes on without it.

use crate::link::Target;
use crate::{Companion, Link, NoAddress, Settings};
use arc_swap::ArcSwapOption;
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

/// Whom it is told to how the store does: the program's metrics.
pub trait Observer: Send + Sync + 'static {
    /// Whether the store is there, as far as is known.
    fn connected(&self, is_there: bool);

    /// A request was counted without the store.
    fn counted_alone(&self);
}

/// The store, as far as this process can reach it.
pub struct Store<C: Companion = ()> {
    target: Target<C>,
    link: ArcSwapOption<Link<C>>,
    lost: Notify,
    late: AtomicU32,
    places: Semaphore,
    observer: Arc<dyn Observer>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The store is away, and nobody waits for it any more.
    Away,
    /// It did not answer in time, or too many wait for it.
    Late,
}

impl<C: Companion> Store<C> {
    /// Prepares the store; nothing is connected before [`Store::keep`] runs.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub fn new(settings: &Settings, plan: C::Plan, observer: Arc<dyn Observer>) -> Result<Self, NoAddress> {
        Ok(Self {
            target: Target::new(settings, plan)?,
            link: ArcSwapOption::empty(),
            lost: Notify::new(),
            late: AtomicU32::new(0),
            places: Semaphore::new(PLACES),
            observer,
        })
    }

    /// Tries whether limits can be counted there, on a connection of its own.
    ///
    /// # Errors
    /// Why not.
    pub async fn probe(&self) -> Result<(), String> {
        self.target.connect().await.map(drop)
    }

    /// Whether the store is there, as far as is known.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.link.load().is_some()
    }

    /// The connection, when there is one.
    #[must_use]
    pub fn link(&self) -> Option<Arc<Link<C>>> {
        self.link.load_full()
    }

    /// Waits for an answer over a link, but no longer than `wait`.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn answer<T>(
        &self,
        link: &Arc<Link<C>>,
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
    pub fn lose(&self, link: &Arc<Link<C>>, why: &str) {
        let before = self.link.compare_and_swap(link, None);
        if before.as_ref().is_some_and(|before| Arc::ptr_eq(before, link)) {
            tracing::warn!(
                why,
                "the shared store is away; this process counts its share of the limits"
            );
            self.observer.connected(false);
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
                    self.observer.connected(true);
                    self.watch(&link).await;
                }
                Err(why) => tracing::debug!(%why, "the shared store is not there"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Returns when the link is lost.
    async fn watch(&self, link: &Arc<Link<C>>) {
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
