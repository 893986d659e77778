//! What passes through routes with `audit = true` and changes something, reported to the authorization server.
//! It refuses to hold a request up: reports wait in a bounded queue, and what finds no room is counted as lost.

mod batch;
mod courier;
mod report;

pub(crate) use batch::Names;
pub use courier::{Courier, run};
pub use report::Report;

use crate::core::Core;
use crate::facts::Facts;
use crate::{bearer, explain, path};
use http::{HeaderMap, Method, header};
use metrics::Counter;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::watch;

/// Reports that may wait: with the longest of each part about 5 MB.
const ROOM: usize = 4096;

/// Where reports wait for the courier.
pub struct Reports {
    queue: Sender<Report>,
    waiting: Mutex<Option<Receiver<Report>>>,
    lost: Counter,
    /// Tells the courier to bring what is there and to end.
    leaving: watch::Sender<bool>,
}

impl Reports {
    /// An empty queue; what finds no room is counted in `lost`.
    #[must_use]
    pub fn new(lost: Counter) -> Self {
        let (queue, waiting) = mpsc::channel(ROOM);
        Self {
            queue,
            waiting: Mutex::new(Some(waiting)),
            lost,
            leaving: watch::Sender::new(false),
        }
    }

    /// Never waits.
    pub fn add(&self, report: Report) {
        if self.queue.try_send(report).is_err() {
            self.lost.increment(1);
        }
    }

    /// The other end, for the one courier.
    pub(crate) fn take(&self) -> Option<(Receiver<Report>, watch::Receiver<bool>)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        Some((waiting.take()?, self.leaving.subscribe()))
    }

    /// No more reports come: what waits is to be brought, or counted as lost, soon.
    pub fn leave(&self) {
        self.leaving.send_replace(true);
    }
}

/// What is known of a request at its end.
pub struct Seen<'a> {
    /// The route's name.
    pub route: &'a str,
    pub method: &'a Method,
    /// As it came.
    pub target: &'a str,
    pub headers: &'a HeaderMap,
    /// Of the permit, when there was one.
    pub facts: Option<&'a Arc<Facts>>,
    pub address: Option<IpAddr>,
    pub status: u16,
    pub request_id: &'a str,
    pub decision_id: &'a str,
}

/// Whether requests of this method change something.
#[must_use]
pub fn changes(method: &Method) -> bool {
    !matches!(
        *method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
    )
}

/// Reports a request, also a refused one, of somebody who is known. Strangers are nobody's business but the counters'.
pub fn note(core: &Core, seen: &Seen<'_>) {
    let known = || {
        let credential = bearer::extract(seen.headers).ok()?;
        core.evaluator
            .cache
            .facts(&credential.digest(), core.clock.tick())
    };
    let Some(facts) = seen.facts.cloned().or_else(known) else {
        return;
    };
    let agent = seen.headers.get(header::USER_AGENT);
    let normal = path::normalize(seen.target.split('?').next().unwrap_or("")).unwrap_or_default();
    core.reports.add(Report::new(
        seen,
        &facts,
        &report::Shown {
            at_millis: core.clock.unix_millis(),
            path: explain::mask(&normal),
            agent: agent.and_then(|agent| agent.to_str().ok()),
        },
    ));
}
