//! The one place where it is decided who may do what in an account: for our own doors, for simulations, for services that ask.
//! Refuses by default; knows of no account but the one that is acted in.

use std::time::Duration;

use model::iam::AccountId;
use model::{Ctx, UserId};
use policy::{Context, Decision, Effect, Evaluation, Explanation, Request, Source, evaluate, known_key};

use super::context::context;
use super::narrowing::narrowed;
use super::subject::{Standing, Subject};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::oauth::TokenFacts;

/// A question about somebody.
pub struct Question<'a> {
    /// A person or an IAM user.
    pub user: UserId,
    pub account: &'a AccountId,
    /// What they show; none where a request is only thought of.
    pub token: Option<&'a TokenFacts>,
    pub action: &'a str,
    pub resource: &'a str,
    /// What the asking service says of the request. It never replaces what is known here.
    pub told: &'a Context,
}

/// The answer, and why.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub decision: Decision,
    pub explanation: Explanation,
    pub matched: Vec<MatchedStatement>,
    /// How long it holds while only time passes; nothing where that cannot be told.
    pub steady_for: Option<Duration>,
}

/// A statement that spoke to the question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MatchedStatement {
    pub policy: String,
    /// The Sid, or the place as `#0`.
    pub statement: String,
    pub effect: Effect,
}

impl Verdict {
    pub(super) fn owner() -> Self {
        Self {
            decision: Decision::Allow,
            explanation: Explanation {
                decision: Decision::Allow,
                text: "Owners of an account may do everything in it.".to_owned(),
                missing: None,
                near_misses: Vec::new(),
            },
            matched: Vec::new(),
            steady_for: Some(Duration::MAX),
        }
    }
}

impl From<&Evaluation<'_>> for Verdict {
    fn from(evaluation: &Evaluation<'_>) -> Self {
        let matched = evaluation.matched.iter().map(|one| MatchedStatement {
            policy: one.policy.to_owned(),
            statement: one.name(),
            effect: one.effect,
        });
        Self {
            decision: evaluation.decision,
            explanation: evaluation.explain(),
            matched: matched.collect(),
            steady_for: evaluation.steady_for(),
        }
    }
}

impl Authority {
    /// Nothing for somebody who has no business in the account.
    ///
    /// # Errors
    /// Storage.
    pub async fn decide(&self, ctx: &Ctx, question: &Question<'_>) -> Result<Option<Verdict>, Fault> {
        let Some(subject) = self.subject(question.account, question.user).await? else {
            return Ok(None);
        };
        let known = context(ctx, (&subject, question.account), question.token);
        let mut all = question.told.clone();
        // What is ours to see of the request is that of the service that asks; it tells of the one it is asked about.
        let ours = |key: &str| known_key(key).is_none_or(|fact| !fact.told);
        for (key, values) in known.iter().filter(|(key, _)| ours(key)) {
            all.set(key, values.iter().map(String::as_str));
        }
        let asked = (question.action, question.resource);
        Ok(Some(narrowed(
            verdict(&subject, asked, &all),
            question.token,
            asked,
            &all,
        )))
    }
}

pub(super) fn verdict(subject: &Subject, asked: (&str, &str), context: &Context) -> Verdict {
    match &subject.standing {
        Standing::Owner => Verdict::owner(),
        Standing::Bound(held) => {
            let sources: Vec<Source<'_>> = held.iter().map(super::subject::Held::source).collect();
            of_sources(&sources, asked, context)
        }
    }
}

pub(super) fn of_sources(
    sources: &[Source<'_>],
    (action, resource): (&str, &str),
    context: &Context,
) -> Verdict {
    let request = Request {
        action,
        resource,
        context,
    };
    Verdict::from(&evaluate(sources, request))
}
