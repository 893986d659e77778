//! One test of a statement's `Condition`: operator, key, values.
//! Refuses nothing at evaluation: a value of the wrong type matches nothing.

mod arn;
mod decimal;
mod instant;
mod operator;
mod parse;
mod values;

pub(crate) use parse::conditions;

use crate::context::Context;
use crate::effect::Effect;
use crate::pattern::Match;
use crate::steady;
use operator::Operator;
use std::time::Duration;
use values::Values;

/// How the several values of a key are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    /// Without a set operator: any value for an operator, no value for its negation.
    Plain,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// A test; all tests of a statement must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    operator: Operator,
    /// In lower case.
    key: String,
    values: Values,
    /// As the document writes it: `IpAddress.request:ip`.
    pub(crate) name: String,
}

impl Condition {
    /// Whether it holds in `context` for a statement of this effect.
    pub(crate) fn holds(&self, context: &Context, effect: Effect) -> bool {
        let found = context.get(&self.key);
        if let Values::Null(wanted) = &self.values {
            return wanted.contains(&found.is_empty());
        }
        let negated = self.operator.negated;
        if found.is_empty() {
            let vacuous = match self.operator.quantifier {
                Quantifier::All => true,
                Quantifier::Any => false,
                Quantifier::Plain => negated,
            };
            return self.operator.if_exists || vacuous;
        }
        let test = |value: &String| self.test(value, context, effect);
        match self.operator.quantifier {
            Quantifier::Plain if negated => found.iter().all(test),
            Quantifier::All => found.iter().all(test),
            Quantifier::Plain | Quantifier::Any => found.iter().any(test),
        }
    }

    /// Whether it compares with something that each request says anew.
    pub(crate) fn has_variables(&self) -> bool {
        self.values.has_variables()
    }

    /// Whether time alone may change what it says.
    pub(crate) fn moves(&self) -> bool {
        steady::moves(&self.key) || self.values.variables().any(steady::moves)
    }

    /// For how long it says the same of a context in which only time passes; nothing where that cannot be told.
    pub(crate) fn steady_for(&self, context: &Context) -> Option<Duration> {
        // Whether a key is there does not depend on time.
        if matches!(self.values, Values::Null(_)) || context.get(&self.key).is_empty() {
            return (!self.values.variables().any(steady::moves)).then_some(Duration::MAX);
        }
        self.values.steady_for(&self.key, context.single(&self.key)?)
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn quantified(&self) -> bool {
        self.operator.quantifier != Quantifier::Plain || matches!(self.values, Values::Null(_))
    }

    fn test(&self, value: &str, context: &Context, effect: Effect) -> bool {
        match (self.values.accept(value, context), self.operator.negated) {
            (Match::Yes, negated) => !negated,
            (Match::No, negated) => negated,
            // An unresolved variable never helps to allow.
            (Match::Unresolved, negated) => negated && effect == Effect::Deny,
        }
    }
}
