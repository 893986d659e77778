//! What can happen next: commits, lost history, crashes, time, and messages that are late, lost or come twice.
//! Refuses one thing that HTTP rules out: an answer reaches only the question it was given to.

use oauth::revocation_rule::{Applied, Heading};
use stateright::{Model, Property};

use crate::LATE;
use crate::protocol::{Deed, Fact, Fault, FeedAnswer, LEASE, NOW, Protocol, Proxy, Question, Row, State};

/// One step. A message is lost or late when its step is not taken, or taken after others.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Pass,
    Commit(Deed),
    /// The server comes back from a crash with only so much of its log.
    Lose(usize),
    /// The proxy starts anew and knows nothing.
    Crash,
    /// A poll, also when an earlier one was given up.
    Poll,
    /// The server answers the poll with at most so many events.
    AnswerPoll(usize),
    Apply(FeedAnswer),
    Ask,
    AnswerAsk,
    Fill(Fact),
}

impl Protocol {
    /// All rules, and bounds that a test can afford.
    pub fn sound() -> Self {
        Self {
            fault: None,
            commits: 2,
            losses: 1,
        }
    }

    fn apply(&self, proxy: &mut Proxy, answer: &FeedAnswer, sent: u64) {
        let heading = Heading {
            head: answer.head,
            more: answer.more && self.fault != Some(Fault::LeaseFromAPart),
        };
        let (next, applied) = proxy.standing.after(heading, sent, LEASE);
        proxy.standing = next;
        if applied == Applied::Forward {
            proxy.known.extend(answer.events.iter().copied());
            if self.fault == Some(Fault::NoFence) {
                proxy.drop_by_event(&answer.events);
            }
        } else {
            proxy.fact = None;
        }
    }

    fn commit(&self, state: &mut State, deed: Deed) {
        state.commits += 1;
        let position = match self.fault {
            Some(Fault::PositionsUsedAgain) => state.log.len() as u64 + 1,
            _ => u64::from(state.commits),
        };
        state.log.push(Row {
            deed,
            position,
            commit: state.commits,
            age: 0,
        });
    }

    fn fill(&self, state: &mut State, fact: Fact) {
        let Some(lookup) = state.proxy.lookup.take() else {
            return;
        };
        let passes = state.proxy.passes_answer(fact, lookup.age, self.fault);
        state.late |= passes && state.is_late(fact);
        state.proxy.fact = Some(fact);
    }
}

fn head(log: &[Row]) -> u64 {
    log.last().map_or(0, |row| row.position)
}

/// What the server tells a poll after `after`, at most `limit` events at once.
fn feed(log: &[Row], after: Option<u64>, limit: usize) -> FeedAnswer {
    let rows: Vec<_> = log
        .iter()
        .filter(|row| after.is_none_or(|after| row.position > after))
        .collect();
    let told = &rows[..limit.min(rows.len())];
    FeedAnswer {
        events: told.iter().map(|row| (row.position, row.deed)).collect(),
        head: told.last().map_or(head(log), |row| row.position),
        more: told.len() < rows.len(),
    }
}

fn question<A>() -> Question<A> {
    Question { age: 0, answer: None }
}

impl Model for Protocol {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        steps.extend([Step::Pass, Step::Crash, Step::Poll, Step::Ask]);
        if state.commits < self.commits {
            steps.extend([Step::Commit(Deed::End), Step::Commit(Deed::Change)]);
        }
        if state.losses < self.losses {
            steps.extend((0..state.log.len()).map(Step::Lose));
        }
        match &state.proxy.poll {
            Some(Question { answer: None, .. }) => {
                steps.extend([Step::AnswerPoll(1), Step::AnswerPoll(usize::MAX)]);
            }
            Some(Question {
                answer: Some(answer), ..
            }) => steps.push(Step::Apply(answer.clone())),
            None => {}
        }
        match &state.proxy.lookup {
            Some(Question { answer: None, .. }) => steps.push(Step::AnswerAsk),
            Some(Question {
                answer: Some(fact), ..
            }) => steps.push(Step::Fill(*fact)),
            None => {}
        }
    }

    fn next_state(&self, before: &State, step: Step) -> Option<State> {
        let mut state = before.clone();
        let proxy = &mut state.proxy;
        match step {
            Step::Pass => state.pass(),
            Step::Commit(deed) => self.commit(&mut state, deed),
            Step::Lose(rest) => {
                state.losses += 1;
                state.log.truncate(rest);
            }
            Step::Crash => *proxy = Proxy::default(),
            Step::Poll => proxy.poll = Some(question()),
            Step::AnswerPoll(limit) => {
                let answer = feed(&state.log, proxy.standing.position, limit);
                proxy.poll.as_mut()?.answer = Some(answer);
            }
            Step::Apply(answer) => {
                let age = match self.fault {
                    Some(Fault::LeaseFromArrival) => 0,
                    _ => proxy.poll.as_ref()?.age,
                };
                proxy.poll = None;
                self.apply(proxy, &answer, NOW - age);
            }
            Step::Ask => proxy.lookup = Some(question()),
            Step::AnswerAsk => {
                if state.log.iter().all(|row| row.deed != Deed::End) {
                    let fact = Fact {
                        position: head(&state.log),
                        commit: state.commits,
                    };
                    proxy.lookup.as_mut()?.answer = Some(fact);
                }
            }
            Step::Fill(fact) => self.fill(&mut state, fact),
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(LATE, |model: &Self, state: &State| {
                let known = state.proxy.passes_known(model.fault);
                let late = known.is_some_and(|fact| state.is_late(fact));
                let jwt_late = state.proxy.passes_jwt() && state.is_jwt_late();
                !(state.late || late || jwt_late)
            }),
            Property::sometimes(
                "a good token passes without being asked about",
                |model: &Self, state: &State| {
                    state.proxy.passes_known(model.fault).is_some() && state.proxy.passes_jwt()
                },
            ),
            Property::sometimes(
                "an ended token is refused while the lease is fresh",
                |_, state: &State| state.proxy.relies() && !state.proxy.passes_jwt(),
            ),
            Property::sometimes("the proxy recovers from lost history", |_, state: &State| {
                state.losses > 0
                    && state.proxy.relies()
                    && head(&state.log) < state.proxy.known.last().map_or(0, |last| last.0)
            }),
        ]
    }
}
