//! What the listener, the courier and the handle share.
//! Gives out the world only together with its lock.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use crate::clock::Clock;
use crate::world::World;

const MOST_SEEN: usize = 5_000;

/// A request of the API, as it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Such as `POST`.
    pub method: String,
    /// Such as `/v1/orders`.
    pub path: String,
    /// `None` when the connection was cut.
    pub status: Option<u16>,
}

pub(crate) struct Shared {
    pub(crate) clock: Clock,
    world: Mutex<World>,
    seen: Mutex<VecDeque<Seen>>,
    /// Wakes the courier.
    pub(crate) work: Notify,
    /// Counts what may have made the post quiet.
    pub(crate) news: watch::Sender<u64>,
    /// How many answers are held.
    pub(crate) hanging: watch::Sender<usize>,
    /// Lets them go.
    pub(crate) release: Notify,
}

impl Shared {
    pub(crate) fn new(clock: Clock, world: World) -> Self {
        Self {
            clock,
            world: Mutex::new(world),
            seen: Mutex::new(VecDeque::new()),
            work: Notify::new(),
            news: watch::Sender::new(0),
            hanging: watch::Sender::new(0),
            release: Notify::new(),
        }
    }

    /// Until the failures are forgotten, but no longer than this.
    pub(crate) async fn hang(&self, longest: Duration) {
        let released = self.release.notified();
        tokio::pin!(released);
        released.as_mut().enable();
        self.hanging.send_modify(|count| *count += 1);
        // The end of the wait is no error.
        let _ = tokio::time::timeout(longest, released).await;
        self.hanging.send_modify(|count| *count -= 1);
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world, brought up to the present.
    pub(crate) fn turned(&self) -> MutexGuard<'_, World> {
        let mut world = self.world();
        world.turn(self.clock.now_ms());
        world
    }

    /// Something happened that may have to be told.
    pub(crate) fn changed(&self) {
        self.work.notify_one();
        self.news.send_modify(|count| *count += 1);
    }

    pub(crate) fn note(&self, call: Seen) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST_SEEN {
            seen.pop_front();
        }
        seen.push_back(call);
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().cloned().collect()
    }
}
