//! Inside the proxy: requests that look facts up and note the generation, while the feed changes the index.
//! Refuses more than is needed to see the order of the steps matter: one fact, two requests, two changes.

use stateright::{Model, Property};

pub const ENDED: &str = "a request that begins after the change is refused";

pub struct Clearing {
    /// The generation is read after the look-up.
    pub notes_late: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Request {
    at: Place,
    /// It began when the end was applied and the lease renewed.
    after_the_end: bool,
    /// The generation it read first.
    generation: u8,
    passed: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Place {
    #[default]
    Before,
    HasGeneration,
    LookedUp,
    Done,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// Changes in the index; the second one ends the token.
    index: u8,
    generation: u8,
    /// Changes after which the lease was renewed.
    finished: u8,
    cleared: u8,
    requests: [Request; 2],
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    ChangeIndex,
    ChangeGeneration,
    Finish,
    Go(usize),
}

impl Clearing {
    pub const fn sound() -> Self {
        Self { notes_late: false }
    }

    fn go(&self, state: &mut State, which: usize) {
        let mut request = state.requests[which];
        match request.at {
            Place::Before => {
                request.after_the_end = state.finished == 2;
                request.generation = state.generation;
                request.passed = state.cleared == state.generation;
                request.at = match request.passed {
                    true => Place::Done,
                    false => Place::HasGeneration,
                };
            }
            Place::HasGeneration => {
                request.passed = state.index < 2;
                request.at = match request.passed {
                    true => Place::LookedUp,
                    false => Place::Done,
                };
            }
            Place::LookedUp => {
                state.cleared = match self.notes_late {
                    true => state.generation,
                    false => request.generation,
                };
                request.at = Place::Done;
            }
            // The connection sends its next request.
            Place::Done => request = Request::default(),
        }
        state.requests[which] = request;
    }
}

impl Model for Clearing {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            index: 0,
            generation: 1,
            finished: 0,
            cleared: 0,
            requests: [Request::default(); 2],
        }]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        steps.extend([Step::Go(0), Step::Go(1)]);
        if state.index < 2 && state.index == state.finished {
            steps.push(Step::ChangeIndex);
        }
        if state.generation == state.index {
            steps.push(Step::ChangeGeneration);
        }
        if state.finished < state.index && state.generation > state.index {
            steps.push(Step::Finish);
        }
    }

    fn next_state(&self, before: &State, step: Step) -> Option<State> {
        let mut state = before.clone();
        match step {
            Step::ChangeIndex => state.index += 1,
            Step::ChangeGeneration => state.generation += 1,
            Step::Finish => state.finished += 1,
            Step::Go(which) => self.go(&mut state, which),
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(ENDED, |_, state: &State| {
                state
                    .requests
                    .iter()
                    .all(|request| !(request.after_the_end && request.passed))
            }),
            Property::sometimes("facts found alive are not looked up again", |_, state: &State| {
                state
                    .requests
                    .iter()
                    .any(|request| request.passed && request.at == Place::Done)
                    && state.cleared == state.generation
            }),
        ]
    }
}
