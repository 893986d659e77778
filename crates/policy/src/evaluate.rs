//! Decides a request: an explicit Deny beats an Allow, an Allow beats nothing.
//! Reads no clock, fails never, and looks only at statements that may concern the action.

use crate::context::Context;
use crate::document::{ActionKey, Document};
use crate::effect::{Decision, Effect};
use crate::statement::Statement;

/// A policy that binds the caller.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    name: &'a str,
    document: Option<&'a Document>,
}

impl<'a> Source<'a> {
    /// A policy and what explanations call it.
    pub fn new(name: &'a str, document: &'a Document) -> Self {
        Self {
            name,
            document: Some(document),
        }
    }

    /// A policy whose document cannot be read any more: it may have denied anything, so it denies everything.
    pub fn unreadable(name: &'a str) -> Self {
        Self { name, document: None }
    }

    /// What explanations call it.
    pub fn name(&self) -> &'a str {
        self.name
    }

    pub(crate) fn document(&self) -> Option<&'a Document> {
        self.document
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `service:name`; case does not matter.
    pub action: &'a str,
    /// The ARN; case matters.
    pub resource: &'a str,
    /// What else is known.
    pub context: &'a Context,
}

/// A statement of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementRef<'a> {
    /// The policy, as its source is called.
    pub policy: &'a str,
    /// Its Sid, where it has one.
    pub sid: Option<&'a str>,
    /// Its place in the document, from 0.
    pub index: usize,
    /// What it does.
    pub effect: Effect,
}

impl StatementRef<'_> {
    /// The Sid, or the place as `#0`.
    pub fn name(&self) -> String {
        match self.sid {
            Some(sid) => sid.to_owned(),
            None => format!("#{}", self.index),
        }
    }
}

/// The verdict and what led to it.
#[derive(Debug, Clone)]
pub struct Evaluation<'a> {
    /// The verdict.
    pub decision: Decision,
    /// The statements that matched, in the order of the sources.
    pub matched: Vec<StatementRef<'a>>,
    /// The policies that could not be read.
    pub unreadable: Vec<&'a str>,
    pub(crate) sources: &'a [Source<'a>],
    pub(crate) request: Request<'a>,
}

impl Evaluation<'_> {
    /// The statement that decided: the first Deny, else the first Allow.
    pub fn deciding(&self) -> Option<StatementRef<'_>> {
        let of = |effect| self.matched.iter().find(move |one| one.effect == effect);
        of(Effect::Deny).or_else(|| of(Effect::Allow)).copied()
    }
}

/// Decides `request` under all `sources` together; their order does not matter.
pub fn evaluate<'a>(sources: &'a [Source<'a>], request: Request<'a>) -> Evaluation<'a> {
    let action = ActionKey::of(request.action);
    let (mut matched, mut unreadable) = (Vec::new(), Vec::new());
    for source in sources {
        let Some(document) = source.document else {
            unreadable.push(source.name);
            continue;
        };
        let from = matched.len();
        for index in document.index.candidates(&action) {
            let statement = &document.statements[index];
            if statement.concerns(&action.text, request.resource, request.context)
                && statement.holds(request.context)
            {
                matched.push(reference(source.name, index, statement));
            }
        }
        matched[from..].sort_unstable_by_key(|one| one.index);
    }
    let any = |effect| matched.iter().any(|one| one.effect == effect);
    let decision = if !unreadable.is_empty() || any(Effect::Deny) {
        Decision::ExplicitDeny
    } else if any(Effect::Allow) {
        Decision::Allow
    } else {
        Decision::ImplicitDeny
    };
    Evaluation {
        decision,
        matched,
        unreadable,
        sources,
        request,
    }
}

pub(crate) fn reference<'a>(policy: &'a str, index: usize, statement: &'a Statement) -> StatementRef<'a> {
    StatementRef {
        policy,
        sid: statement.sid.as_deref(),
        index,
        effect: statement.effect,
    }
}
