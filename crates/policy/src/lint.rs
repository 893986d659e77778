//! What is allowed to be written but is seldom meant.
//! Refuses nothing: a lint is advice.

use std::fmt;

use crate::document::Document;
use crate::effect::Effect;
use crate::exceed::Budget;
use crate::key;
use crate::statement::Statement;

/// Advice on a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    /// The place of the statement, from 0.
    pub statement: usize,
    /// What is odd about it.
    pub kind: LintKind,
}

/// What is odd about a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LintKind {
    /// Allow with NotAction: it also allows what is added tomorrow.
    AllowNotAction,
    /// Allow with NotResource: it also allows what is added tomorrow.
    AllowNotResource,
    /// Allows everything on everything.
    AllowsEverything,
    /// A Deny without conditions denies all that this allows.
    Unreachable,
    /// An earlier statement of the same effect says it already.
    Redundant,
    /// A key with several values is tested without ForAnyValue or ForAllValues.
    SeveralValues,
    /// `${…}` is plain text in documents of 2008-10-17.
    NoVariables,
}

impl LintKind {
    /// A word for machines.
    pub fn code(self) -> &'static str {
        match self {
            Self::AllowNotAction => "allow_not_action",
            Self::AllowNotResource => "allow_not_resource",
            Self::AllowsEverything => "allows_everything",
            Self::Unreachable => "unreachable",
            Self::Redundant => "redundant",
            Self::SeveralValues => "several_values",
            Self::NoVariables => "no_variables",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::AllowNotAction => {
                "allows every action but those named, also actions added later; name what is meant"
            }
            Self::AllowNotResource => {
                "allows every resource but those named, also resources added later; name what is meant"
            }
            Self::AllowsEverything => "allows everything on everything",
            Self::Unreachable => "has no effect: a Deny of this document covers it",
            Self::Redundant => "has no effect: an earlier statement covers it",
            Self::SeveralValues => {
                "tests a key that may have several values; say ForAnyValue: or ForAllValues:"
            }
            Self::NoVariables => "has `${` in a document of 2008-10-17, where it is plain text",
        }
    }
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Statement[{}] {}.", self.statement, self.kind.advice())
    }
}

impl Document {
    /// Advice on its statements, in their order.
    pub fn lints(&self) -> Vec<Lint> {
        let mut budget = Budget::new();
        let mut all = Vec::new();
        for index in 0..self.statements.len() {
            let kinds = self.odd(index, &mut budget).into_iter().flatten();
            all.extend(kinds.map(|kind| Lint {
                statement: index,
                kind,
            }));
        }
        all
    }

    fn odd(&self, index: usize, budget: &mut Budget) -> [Option<LintKind>; 6] {
        let one = &self.statements[index];
        let allow = one.effect == Effect::Allow;
        let everything = |any: &crate::statement::Patterns| {
            !any.not && any.any.iter().any(crate::pattern::Pattern::is_everything)
        };
        let wide = allow && everything(&one.actions) && everything(&one.resources);
        let plain = !self.variables
            && one
                .resources
                .any
                .iter()
                .any(|resource| resource.written.contains("${"));
        [
            (allow && one.actions.not).then_some(LintKind::AllowNotAction),
            (allow && one.resources.not).then_some(LintKind::AllowNotResource),
            (wide && one.conditions.is_empty()).then_some(LintKind::AllowsEverything),
            self.idle(index, budget),
            several(one).then_some(LintKind::SeveralValues),
            plain.then_some(LintKind::NoVariables),
        ]
    }

    fn idle(&self, index: usize, budget: &mut Budget) -> Option<LintKind> {
        let one = &self.statements[index];
        let mut covered = |other: &Statement| {
            other.conditions.is_empty()
                && budget.covers(&other.actions, &one.actions)
                && budget.covers(&other.resources, &one.resources)
        };
        let denies = |other: &&Statement| other.effect == Effect::Deny && one.effect == Effect::Allow;
        if self.statements.iter().filter(denies).any(&mut covered) {
            return Some(LintKind::Unreachable);
        }
        let mut earlier = self.statements[..index].iter();
        let again = earlier.any(|other| other.effect == one.effect && covered(other));
        again.then_some(LintKind::Redundant)
    }
}

fn several(statement: &Statement) -> bool {
    let mut all = statement.conditions.iter();
    all.any(|one| !one.quantified() && key::known_key(one.key()).is_some_and(|key| key.several))
}
