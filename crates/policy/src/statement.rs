//! A statement, ready to be asked.
//! Knows nothing of other statements.

mod element;
mod parse;

pub(crate) use parse::statement;

use crate::condition::Condition;
use crate::context::Context;
use crate::effect::Effect;
use crate::pattern::{Match, Pattern};

/// A statement of a document.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) sid: Option<String>,
    pub(crate) effect: Effect,
    pub(crate) actions: Patterns,
    pub(crate) resources: Patterns,
    pub(crate) conditions: Vec<Condition>,
}

/// `Action` or `Resource`, or the `Not` of it.
#[derive(Debug, Clone)]
pub(crate) struct Patterns {
    pub(crate) not: bool,
    pub(crate) any: Vec<Pattern>,
}

impl Patterns {
    /// Whether `text` is meant, by a statement of this effect.
    pub(crate) fn take(&self, text: &str, context: &Context, effect: Effect) -> bool {
        let mut unresolved = false;
        for pattern in &self.any {
            match pattern.matches(text, context) {
                Match::Yes => return !self.not,
                Match::Unresolved => unresolved = true,
                Match::No => {}
            }
        }
        // What is excepted is not known, so an Allow excepts everything.
        self.not && !(unresolved && effect == Effect::Allow)
    }
}

impl Statement {
    /// Whether the action, in lower case, and the resource are meant.
    pub(crate) fn concerns(&self, action: &str, resource: &str, context: &Context) -> bool {
        self.takes_action(action, context) && self.resources.take(resource, context, self.effect)
    }

    pub(crate) fn takes_action(&self, action: &str, context: &Context) -> bool {
        self.actions.take(action, context, self.effect)
    }

    /// Whether all conditions hold.
    pub(crate) fn holds(&self, context: &Context) -> bool {
        let mut all = self.conditions.iter();
        all.all(|condition| condition.holds(context, self.effect))
    }
}
