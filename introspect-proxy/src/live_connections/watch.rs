//! Watches over lasting exchanges: ends each when its bond breaks, when it has lasted too long, or when the proxy leaves.
//! It refuses to let one wait for another: what must be asked about is asked aside.

use super::again::{QUESTIONS, rule_again};
use super::bond::Glance;
use super::{Ended, Lasting, LiveConnections};
use crate::clock::Tick;
use crate::core::Core;
use futures::StreamExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// How late expiry, lapse and departure may be noticed. Revocations are noticed at once.
const PERIOD: Duration = Duration::from_millis(250);
/// When the questions that one lapse causes must be answered.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// A departure: endless exchanges are ended one after the other between two ticks.
#[derive(Clone, Copy)]
pub(super) struct Leave {
    from: Tick,
    length: Duration,
}

impl LiveConnections {
    /// Begins to leave: event streams and tunnels, which have no end of their own, are ended evenly over `span`.
    pub fn leave(&self, now: Tick, span: Duration) {
        let leave = Leave {
            from: now,
            length: span,
        };
        *self.leaving.lock().unwrap_or_else(PoisonError::into_inner) = Some(leave);
        self.entered.notify_one();
    }

    /// Whether that has begun.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.leaving
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    fn send_off(&self, lasting: &[Arc<Lasting>], now: Tick) {
        let leave = *self.leaving.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Leave { from, length }) = leave else {
            return;
        };
        let endless: Vec<_> = lasting
            .iter()
            .filter(|lasting| lasting.nature.is_endless())
            .collect();
        let left = length.saturating_sub(now.since(from));
        let rounds = usize::try_from(left.as_nanos() / PERIOD.as_nanos()).unwrap_or(usize::MAX);
        let now_due = endless.len().div_ceil(rounds.max(1));
        for lasting in endless.into_iter().take(now_due) {
            self.end(lasting, Ended::GoingAway);
        }
    }
}

/// Watches for as long as the task lives.
pub async fn run(core: Arc<Core>) {
    let mut changes = core.evaluator.revocations.changes();
    let asking = Arc::new(AtomicBool::new(false));
    loop {
        while core.exchanges.is_empty() {
            core.exchanges.entered.notified().await;
        }
        sweep(&core, &asking);
        let mut next = core.clock.tick().after(PERIOD);
        let lapse = core.evaluator.revocations.lease().ends_at();
        if core.clock.tick() < lapse {
            next = next.min(lapse);
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = core.clock.reached(next) => {}
        }
    }
}

fn sweep(core: &Arc<Core>, asking: &Arc<AtomicBool>) {
    let now = core.clock.tick();
    let all = core.exchanges.all();
    let (mut doubtful, mut overdue) = (Vec::new(), Vec::new());
    for lasting in &all {
        if now >= lasting.ends_at {
            core.exchanges.end(lasting, Ended::TooLong);
        }
        let Some(bond) = &lasting.bond else { continue };
        match bond.glance(core, lasting.route.on_lease_lapse) {
            Glance::Holds => {}
            Glance::Broken(reason) => core.exchanges.end(lasting, reason),
            Glance::Doubtful => doubtful.push(Arc::clone(lasting)),
            Glance::Overdue => overdue.push(Arc::clone(lasting)),
        }
    }
    rule_again(core, overdue);
    core.exchanges.send_off(&all, now);
    if !doubtful.is_empty() && !asking.swap(true, Ordering::AcqRel) {
        tokio::spawn(ask(Arc::clone(core), doubtful, Arc::clone(asking)));
    }
}

async fn ask(core: Arc<Core>, doubtful: Vec<Arc<Lasting>>, asking: Arc<AtomicBool>) {
    let answers = futures::stream::iter(&doubtful).for_each_concurrent(QUESTIONS, |lasting| {
        let core = &core;
        async move {
            if let Some(bond) = &lasting.bond
                && let Err(reason) = bond.judge_again(core, lasting).await
            {
                core.exchanges.end(lasting, reason);
            }
        }
    });
    if tokio::time::timeout(ANSWER_WITHIN, answers).await.is_err() {
        for lasting in &doubtful {
            let rule = lasting.route.on_lease_lapse;
            let open = |bond: &super::Bond| matches!(bond.glance(&core, rule), Glance::Doubtful);
            if lasting.bond.as_ref().is_some_and(open) {
                core.exchanges.end(lasting, Ended::LeaseLapsed);
            }
        }
    }
    asking.store(false, Ordering::Release);
}
