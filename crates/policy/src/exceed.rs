//! Whether somebody would grant more than he has.
//! Errs on one side only: what it lets pass is held by the granter, whatever the request.

mod compare;

use std::fmt;

use crate::condition::Condition;
use crate::document::Document;
use crate::effect::Effect;
use crate::statement::{Patterns, Statement};
pub(crate) use compare::Budget;

/// A part of what is granted that the granter does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excess {
    /// Which of the granted documents.
    pub document: usize,
    /// The Sid or `#index` of its statement.
    pub statement: String,
    /// The actions, as the statement writes them.
    pub actions: String,
    /// The resources, as the statement writes them.
    pub resources: String,
    /// Why it exceeds.
    pub reason: ExcessReason,
}

/// Why something exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExcessReason {
    /// No Allow of the granter covers it.
    NotHeld,
    /// A Deny of the granter may touch it.
    Denied,
    /// The documents are too large to compare.
    TooComplex,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.reason {
            ExcessReason::NotHeld => "you do not hold",
            ExcessReason::Denied => "are partly denied to you",
            ExcessReason::TooComplex => "cannot be compared with yours",
        };
        let Self {
            statement,
            actions,
            resources,
            ..
        } = self;
        write!(
            f,
            "Statement {statement} grants {actions} on {resources}, which {why}."
        )
    }
}

/// The first part of `granted` that `granter` does not have; none where all of it is held.
///
/// Variables and conditions are compared as they are written: what the granter holds through a variable, or under a
/// condition the granted statement does not repeat, counts as not held. A Deny among the granted that covers a Deny of the
/// granter makes up for it.
pub fn exceeds(granter: &[&Document], granted: &[&Document]) -> Option<Excess> {
    let mut budget = Budget::new();
    let held = |effect| {
        let all = granter.iter().flat_map(|one| &one.statements);
        all.filter(move |one| one.effect == effect).collect::<Vec<_>>()
    };
    let mut kept = granted.iter().flat_map(|one| &one.statements);
    let kept: Vec<&Statement> = kept.by_ref().filter(|one| one.effect == Effect::Deny).collect();
    let mut denies = held(Effect::Deny);
    denies.retain(|deny| !kept.iter().any(|one| repeats(one, deny, &mut budget)));
    let allows = held(Effect::Allow);
    for (document, one) in granted.iter().enumerate() {
        for (index, statement) in one.statements.iter().enumerate() {
            if statement.effect == Effect::Allow
                && let Some(found) = cells(statement, &allows, &denies, &mut budget)
            {
                let statement = statement.sid.clone().unwrap_or_else(|| format!("#{index}"));
                return Some(Excess {
                    document,
                    statement,
                    ..found
                });
            }
        }
    }
    None
}

/// Judges each pair of an action and a resource of the statement for itself.
fn cells(
    statement: &Statement,
    allows: &[&Statement],
    denies: &[&Statement],
    budget: &mut Budget,
) -> Option<Excess> {
    for actions in apart(&statement.actions) {
        for resources in apart(&statement.resources) {
            let covers = |held: &&&Statement, budget: &mut Budget| {
                budget.covers(&held.actions, &actions)
                    && budget.covers(&held.resources, &resources)
                    && included(&held.conditions, &statement.conditions)
            };
            let touches = |deny: &&&Statement, budget: &mut Budget| {
                !budget.disjoint(&deny.actions, &actions) && !budget.disjoint(&deny.resources, &resources)
            };
            let reason = if !allows.iter().any(|held| covers(&held, budget)) {
                ExcessReason::NotHeld
            } else if denies.iter().any(|deny| touches(&deny, budget)) {
                ExcessReason::Denied
            } else {
                continue;
            };
            return Some(Excess {
                document: 0,
                statement: String::new(),
                actions: written(&actions),
                resources: written(&resources),
                reason: if budget.spent() {
                    ExcessReason::TooComplex
                } else {
                    reason
                },
            });
        }
    }
    None
}

/// Whether the Deny that is granted along denies whatever the granter's denies.
fn repeats(kept: &Statement, deny: &Statement, budget: &mut Budget) -> bool {
    budget.covers(&kept.actions, &deny.actions)
        && budget.covers(&kept.resources, &deny.resources)
        && included(&kept.conditions, &deny.conditions)
}

/// Whether `all` holds whenever `given` does: it has no other conditions, and none that depends on who asks.
fn included(all: &[Condition], given: &[Condition]) -> bool {
    let mut all = all.iter();
    all.all(|one| !one.has_variables() && given.contains(one))
}

/// Patterns one by one; a `Not` cannot be taken apart.
fn apart(patterns: &Patterns) -> Vec<Patterns> {
    if patterns.not {
        return vec![patterns.clone()];
    }
    let each = patterns.any.iter();
    let one = |pattern: &crate::pattern::Pattern| Patterns {
        not: false,
        any: vec![pattern.clone()],
    };
    each.map(one).collect()
}

fn written(patterns: &Patterns) -> String {
    let all: Vec<&str> = patterns.any.iter().map(|one| one.written.as_str()).collect();
    let list = all.join(", ");
    if patterns.not {
        format!("all but {list}")
    } else {
        list
    }
}
