//! The two clocks of the proxy: wall seconds for `exp`, monotonic nanoseconds for leases and limits.
//! It refuses to be bypassed: no other module reads time.

use rustix::time::{ClockId, clock_gettime};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// A monotonic clock that goes on while the machine sleeps: what a proxy slept through counts against its lease.
#[cfg(target_os = "linux")]
const STEADY: ClockId = ClockId::Boottime;
/// Elsewhere this one does.
#[cfg(not(target_os = "linux"))]
const STEADY: ClockId = ClockId::Monotonic;
/// Ticks begin this late, so that a tick of zero is always long past.
const HEAD_START: Duration = Duration::from_secs(3600);

/// Nanoseconds on the proxy's own monotonic clock, counted from an arbitrary origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tick(pub u64);

impl Tick {
    /// The tick `span` later, saturating at the end of time.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(nanos(span)))
    }

    /// The time from `earlier` until this tick, zero when it lies ahead.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// Whole milliseconds from the same origin.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.0 / 1_000_000
    }
}

/// A span in nanoseconds, saturating.
#[must_use]
pub fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

/// Where the proxy reads time; cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    /// When it was made, since the machine was started.
    System(Duration),
    Manual(Arc<Hands>),
}

#[derive(Debug)]
struct Hands {
    seconds: AtomicI64,
    tick: AtomicU64,
    moved: watch::Sender<()>,
}

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System(steady()))
    }

    /// A clock that stands still until it is moved, starting at `seconds` since the epoch.
    #[must_use]
    pub fn manual(seconds: i64) -> Self {
        let hands = Hands {
            seconds: AtomicI64::new(seconds),
            tick: AtomicU64::new(nanos(HEAD_START)),
            moved: watch::Sender::new(()),
        };
        Self(Source::Manual(Arc::new(hands)))
    }

    /// Moves a manual clock forward; the machine's clock does not listen.
    pub fn advance(&self, span: Duration) {
        if let Source::Manual(hands) = &self.0 {
            hands.tick.fetch_add(nanos(span), Ordering::SeqCst);
            let seconds = i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
            hands.seconds.fetch_add(seconds, Ordering::SeqCst);
            hands.moved.send_replace(());
        }
    }

    /// Waits until this tick.
    pub async fn reached(&self, tick: Tick) {
        match &self.0 {
            Source::System(_) => loop {
                let left = tick.since(self.tick());
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left).await;
            },
            Source::Manual(hands) => {
                let mut moved = hands.moved.subscribe();
                while self.tick() < tick && moved.changed().await.is_ok() {}
            }
        }
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub fn unix_seconds(&self) -> i64 {
        match &self.0 {
            Source::System(_) => i64::try_from(wall().as_secs()).unwrap_or(i64::MAX),
            Source::Manual(hands) => hands.seconds.load(Ordering::SeqCst),
        }
    }

    /// Whole milliseconds since the epoch.
    #[must_use]
    pub fn unix_millis(&self) -> u64 {
        match &self.0 {
            Source::System(_) => u64::try_from(wall().as_millis()).unwrap_or(u64::MAX),
            Source::Manual(hands) => u64::try_from(hands.seconds.load(Ordering::SeqCst))
                .unwrap_or(0)
                .saturating_mul(1000),
        }
    }

    /// Now on the monotonic clock.
    #[must_use]
    pub fn tick(&self) -> Tick {
        match &self.0 {
            Source::System(origin) => Tick(nanos(steady().saturating_sub(*origin) + HEAD_START)),
            Source::Manual(hands) => Tick(hands.tick.load(Ordering::SeqCst)),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the proxy reads the wall clock"
)]
fn wall() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn steady() -> Duration {
    // Neither part is ever negative.
    Duration::try_from(clock_gettime(STEADY)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R8: not the clock that stands still while a machine is suspended, and not one that can be set.
    #[cfg(target_os = "linux")]
    #[test]
    fn ticks_are_those_of_the_clock_that_counts_sleep() {
        let text = std::fs::read_to_string("/proc/uptime").unwrap();
        let up: f64 = text.split(' ').next().unwrap().parse().unwrap();
        assert!((steady().as_secs_f64() - up).abs() < 5.0, "{text}");
        let clock = Clock::system();
        let first = clock.tick();
        assert!(clock.tick() >= first && first > Tick(nanos(HEAD_START) - 1));
    }

    #[test]
    fn manual_clock_moves_only_when_told() {
        let clock = Clock::manual(100);
        let before = clock.tick();
        clock.advance(Duration::from_secs(5));
        assert_eq!(clock.unix_seconds(), 105);
        assert_eq!(clock.tick().since(before), Duration::from_secs(5));
        assert_eq!(before.since(clock.tick()), Duration::ZERO);
    }

    #[tokio::test]
    async fn a_wait_ends_when_the_clock_gets_there() {
        let clock = Clock::manual(100);
        let goal = clock.tick().after(Duration::from_secs(5));
        let mut wait = std::pin::pin!(clock.reached(goal));
        clock.advance(Duration::from_secs(4));
        assert!(futures::poll!(wait.as_mut()).is_pending());
        clock.advance(Duration::from_secs(1));
        wait.await;
    }
}
