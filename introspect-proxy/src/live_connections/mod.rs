//! Exchanges that outlive the check that let them in: tunnels, event streams, calls, long bodies.
//! It refuses to forget one: what is entered stays until its request is over, however it ends.

mod again;
mod bond;
mod demands;
mod exchange;
mod nature;
mod terms;
mod watch;

pub use bond::{Bond, Glance, Trust};
pub use demands::{Demands, Verdict};
pub use exchange::{Ended, Exchange};
pub use nature::{Nature, is_grpc, of_response};
pub use terms::{SOON_OVER, Terms};
pub use watch::run;

use crate::clock::Tick;
use crate::metrics::Metrics;
use crate::routes::Route;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, Semaphore};

/// What is known of an exchange that lasts.
pub struct Lasting {
    /// By what it is ended.
    pub exchange: Arc<Exchange>,
    /// What kind it is.
    pub nature: Nature,
    /// The route that let it in.
    pub route: Arc<Route>,
    /// For the log.
    pub request_id: String,
    /// On what it hangs; nothing when nobody had to be known.
    pub bond: Option<Bond>,
    /// When it has lasted too long.
    pub ends_at: Tick,
}

/// All of them.
pub struct LiveConnections {
    table: Mutex<HashMap<u64, Arc<Lasting>>>,
    next: AtomicU64,
    doubts: AtomicU64,
    /// Bounds what is asked of the authorization server for all of them.
    questions: Semaphore,
    entered: Notify,
    leaving: Mutex<Option<watch::Leave>>,
    metrics: Arc<Metrics>,
}

/// A place in the table, given back when it is dropped.
pub struct Place {
    table: Arc<LiveConnections>,
    id: u64,
}

impl LiveConnections {
    /// An empty table.
    #[must_use]
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            table: Mutex::default(),
            next: AtomicU64::new(0),
            doubts: AtomicU64::new(0),
            questions: Semaphore::new(again::QUESTIONS),
            entered: Notify::new(),
            leaving: Mutex::new(None),
            metrics,
        }
    }

    /// Enters an exchange. Whoever enters must judge its bond once more afterwards: a revocation that was
    /// applied before this call is not looked for again.
    #[must_use]
    pub fn enter(self: &Arc<Self>, lasting: Arc<Lasting>) -> Place {
        lasting.exchange.hold();
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(id, lasting);
        self.metrics.live_exchanges.increment(1.0);
        self.entered.notify_one();
        Place {
            table: Arc::clone(self),
            id,
        }
    }

    /// Ends an exchange, and says so.
    pub fn end(&self, lasting: &Lasting, reason: Ended) {
        if lasting.exchange.end(reason) {
            self.metrics.exchange_ended(reason);
            tracing::info!(
                request_id = lasting.request_id,
                route = &*lasting.route.name,
                kind = lasting.nature.as_str(),
                reason = reason.as_str(),
                "exchange ended"
            );
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Says that nothing known before may be trusted: every bond is judged again.
    pub fn doubt(&self) {
        self.doubts.fetch_add(1, Ordering::AcqRel);
    }

    /// How often that was said.
    #[must_use]
    pub fn doubts(&self) -> u64 {
        self.doubts.load(Ordering::Acquire)
    }

    /// Ends everything that is left.
    pub fn end_all(&self) {
        for lasting in self.all() {
            self.end(&lasting, Ended::GoingAway);
        }
    }

    fn all(&self) -> Vec<Arc<Lasting>> {
        self.lock().values().map(Arc::clone).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Arc<Lasting>>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.table.lock().remove(&self.id);
        self.table.metrics.live_exchanges.decrement(1.0);
    }
}
