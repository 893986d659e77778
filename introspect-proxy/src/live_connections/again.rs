//! Rules once more on exchanges whose ruling was overtaken by the log or by its age: one question for all that ask the same.
//! It refuses to ask about everything at once.

use super::demands::Verdict;
use super::{Ended, Lasting};
use crate::bearer::TokenDigest;
use crate::clock::Tick;
use crate::config::LeaseLapse;
use crate::core::Core;
use futures::StreamExt;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Questions at once, well below what requests may have in flight.
pub(super) const QUESTIONS: usize = 32;
/// Over how long more questions than that are spread.
const SPREAD: Duration = Duration::from_secs(1);
/// The shortest time between two questions about what nobody spoke of.
const PAUSE: Duration = Duration::from_secs(1);

/// When to ask about one exchange.
#[derive(Debug, Default)]
pub struct Turn {
    asking: AtomicBool,
    next_at: AtomicU64,
    /// Since when nobody has answered; zero when somebody did.
    silent_since: AtomicU64,
}

impl Turn {
    /// Whether it may be asked now; `at_once`: something was said since, which does not wait unless nobody answers.
    pub fn has_come(&self, now: Tick, at_once: bool) -> bool {
        if self.asking.load(Ordering::Acquire) {
            return false;
        }
        let answered = self.silent_since.load(Ordering::Acquire) == 0;
        now.0 >= self.next_at.load(Ordering::Acquire) || (at_once && answered)
    }

    /// Takes it; `false` when somebody has.
    fn take(&self) -> bool {
        !self.asking.swap(true, Ordering::AcqRel)
    }

    /// Gives it back with what came of it. For how long nobody has answered.
    fn settle(&self, verdict: Verdict, now: Tick) -> Duration {
        self.next_at.store(now.after(PAUSE).0, Ordering::Release);
        let mut since = 0;
        if verdict == Verdict::Silent {
            since = match self.silent_since.load(Ordering::Acquire) {
                0 => now.0,
                known => known,
            };
        }
        self.silent_since.store(since, Ordering::Release);
        self.asking.store(false, Ordering::Release);
        if since == 0 {
            Duration::ZERO
        } else {
            now.since(Tick(since))
        }
    }
}

/// The same for exchanges of one route: one answer serves them all.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// The route; they change, so it is known by its place in memory.
    pub route: usize,
    /// The API key whose facts were overtaken.
    pub key: Option<TokenDigest>,
    /// What the policies are asked.
    pub permission: Option<TokenDigest>,
    /// Whose plan is asked about.
    pub account: Option<Box<str>>,
}

/// Asks aside about exchanges that are due.
pub(super) fn rule_again(core: &Arc<Core>, due: Vec<Arc<Lasting>>) {
    let mut groups: HashMap<Question, Vec<Arc<Lasting>>> = HashMap::new();
    for lasting in due {
        if let Some(bond) = lasting.bond.as_ref().filter(|bond| bond.turn.take()) {
            let question = bond.question(core, &lasting.route);
            groups.entry(question).or_default().push(lasting);
        }
    }
    if !groups.is_empty() {
        tokio::spawn(all(Arc::clone(core), groups.into_values().collect()));
    }
}

/// In the order of the table's hash, which differs from proxy to proxy, so that not all ask the same first.
async fn all(core: Arc<Core>, groups: Vec<Vec<Arc<Lasting>>>) {
    let began = core.clock.tick();
    let count = u32::try_from(groups.len()).unwrap_or(u32::MAX);
    let step = if groups.len() > QUESTIONS {
        SPREAD / count
    } else {
        Duration::ZERO
    };
    let turns = futures::stream::iter((0_u32..).zip(&groups));
    let asked = turns.for_each_concurrent(QUESTIONS, |(turn, group)| {
        let core = &core;
        async move {
            core.clock.reached(began.after(step * turn)).await;
            if let Ok(_slot) = core.exchanges.questions.acquire().await {
                one(core, group).await;
            }
        }
    });
    asked.await;
}

/// Asks for the first, and tells the others.
async fn one(core: &Core, group: &[Arc<Lasting>]) {
    let mut known: Option<(&Lasting, Verdict)> = None;
    for lasting in group {
        let Some(bond) = &lasting.bond else { continue };
        let verdict = match known {
            Some((first, verdict)) => {
                if let Some(first) = &first.bond {
                    bond.adopt(first);
                }
                verdict
            }
            None => {
                let verdict = bond.rule_again(core, &lasting.route).await;
                core.metrics.ruled_again(verdict);
                verdict
            }
        };
        // That a token is dead says nothing of the others.
        if verdict != Verdict::Against(Ended::NotPermitted) {
            known = Some((&**lasting, verdict));
        }
        settle(core, lasting, verdict);
    }
}

fn settle(core: &Core, lasting: &Lasting, verdict: Verdict) {
    let Some(bond) = &lasting.bond else { return };
    let silent = bond.turn.settle(verdict, core.clock.tick());
    match verdict {
        Verdict::Holds => {}
        Verdict::Against(reason) => core.exchanges.end(lasting, reason),
        Verdict::Silent => {
            let lease = Duration::from_nanos(core.evaluator.revocations.lease().ticks());
            let borne = lasting.route.on_lease_lapse == LeaseLapse::UntilExp && !bond.is_overtaken(core);
            if silent >= lease && !borne {
                core.exchanges.end(lasting, Ended::LeaseLapsed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Tick = Tick(5_000_000_000);

    #[test]
    fn what_was_said_is_asked_about_at_once_and_age_waits() {
        let turn = Turn::default();
        assert!(turn.has_come(NOW, false) && turn.take() && !turn.take());
        assert!(!turn.has_come(NOW, true), "one question at a time");
        assert_eq!(turn.settle(Verdict::Holds, NOW), Duration::ZERO);
        assert!(turn.has_come(NOW, true) && !turn.has_come(NOW, false));
        assert!(turn.has_come(NOW.after(PAUSE), false));
    }

    #[test]
    fn silence_is_counted_from_its_beginning_and_makes_everybody_wait() {
        let turn = Turn::default();
        assert_eq!(turn.settle(Verdict::Silent, NOW), Duration::ZERO);
        assert!(!turn.has_come(NOW, true));
        let later = NOW.after(PAUSE * 3);
        assert!(turn.has_come(later, true));
        assert_eq!(turn.settle(Verdict::Silent, later), PAUSE * 3);
        assert_eq!(turn.settle(Verdict::Holds, later), Duration::ZERO);
        assert_eq!(turn.settle(Verdict::Silent, later.after(PAUSE)), Duration::ZERO);
    }
}
