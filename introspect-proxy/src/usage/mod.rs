//! What passes through routes with a `meter`, counted for each account and reported to the authorization server.
//! It refuses to count what it could not report: then metered routes answer 503.

mod cell;
mod cells;
mod courier;
mod lines;
mod measures;
mod meter;
mod metered;

pub use cell::Cell;
pub use cells::Cells;
pub use courier::{Courier, run};
pub use measures::Measures;
pub use meter::{Meter, name};
pub use metered::{Metered, Passed};

use crate::clock::{Clock, Tick};
use crate::config;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// How often is told what was counted, and for how long it may wait.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pace {
    interval: Duration,
    give_up: Duration,
}

impl Pace {
    const fn of(settings: &config::Usage) -> Self {
        Self {
            interval: settings.interval.0,
            give_up: settings.give_up.0,
        }
    }
}

/// Counters, and whether they are being taken.
pub struct Usage {
    /// By account and metric.
    pub cells: Cells,
    /// The figures that operators see.
    pub measures: Arc<Measures>,
    pace: watch::Sender<Pace>,
    clock: Clock,
    /// Since when the first line waits that was not taken; 0 when none does.
    waiting_since: AtomicU64,
    /// Numbers of those who want everything to be told now.
    wanted: watch::Sender<u64>,
    /// The number up to which that is done.
    done: watch::Sender<u64>,
    /// Tells the courier to bring what is there and to end.
    leaving: watch::Sender<bool>,
}

impl Usage {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(settings: &config::Usage, measures: Arc<Measures>, clock: Clock) -> Self {
        Self {
            cells: Cells::new(settings.max_counters),
            measures,
            pace: watch::Sender::new(Pace::of(settings)),
            clock,
            waiting_since: AtomicU64::new(0),
            wanted: watch::Sender::new(0),
            done: watch::Sender::new(0),
            leaving: watch::Sender::new(false),
        }
    }

    /// Counts on by other settings. What was counted is told at once, and from then on at the new interval.
    pub fn configure(&self, settings: &config::Usage) {
        self.cells.make_room(settings.max_counters);
        let pace = Pace::of(settings);
        self.pace
            .send_if_modified(|present| std::mem::replace(present, pace) != pace);
    }

    /// Whether the server has not taken reports for so long that nothing more may be counted.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        match self.waiting_since.load(Ordering::Relaxed) {
            0 => false,
            since => self.clock.tick().since(Tick(since)) >= self.pace.borrow().give_up,
        }
    }

    /// For how long the first line has waited.
    #[must_use]
    pub fn waiting(&self) -> Duration {
        match self.waiting_since.load(Ordering::Relaxed) {
            0 => Duration::ZERO,
            since => self.clock.tick().since(Tick(since)),
        }
    }

    /// Tells what was counted until now without waiting for the interval; `false` when it was not taken within `limit`.
    pub async fn flush(&self, limit: Duration) -> bool {
        let mut number = 0;
        self.wanted.send_modify(|wanted| {
            *wanted += 1;
            number = *wanted;
        });
        let mut done = self.done.subscribe();
        let done = done.wait_for(|done| *done >= number);
        tokio::time::timeout(limit, done).await.is_ok()
    }

    /// No more is counted: what is there is to be told, or given up, soon.
    pub fn leave(&self) {
        self.leaving.send_replace(true);
    }
}
