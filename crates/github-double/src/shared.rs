//! What every request can reach: the world behind its lock, the time, the settings that do not change.
//! The lock is never held across a wait.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::clock::Clock;
use crate::world::World;

/// The shared state.
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) api_prefix: String,
    pub(crate) refuse_unverified_people: bool,
    /// How many events have been posted, whatever became of them.
    pub(crate) delivered: watch::Sender<u64>,
    world: Mutex<World>,
}

impl Shared {
    pub(crate) fn new(
        clock: Clock,
        api_prefix: String,
        refuse_unverified_people: bool,
        world: World,
    ) -> Self {
        Self {
            clock,
            api_prefix,
            refuse_unverified_people,
            delivered: watch::Sender::new(0),
            world: Mutex::new(world),
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
