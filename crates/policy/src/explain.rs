//! Why a request was decided as it was, and what would have let it through.
//! Tells policies and statements by name only; whom to tell them is for the caller to judge.

use serde_json::{Value, json};

use crate::document::ActionKey;
use crate::effect::{Decision, Effect};
use crate::evaluate::{Evaluation, StatementRef, reference};
use crate::statement::Statement;

/// How many near misses are told.
const MAX_NEAR_MISSES: usize = 8;

/// An explained verdict, in words and in JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The verdict.
    pub decision: Decision,
    /// One sentence for people.
    pub text: String,
    /// Where nothing allowed it: the smallest statement that would have.
    pub missing: Option<Value>,
    /// Allow statements that came close.
    pub near_misses: Vec<NearMiss>,
}

/// An Allow that would have matched but for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The policy.
    pub policy: String,
    /// The Sid or `#index`.
    pub statement: String,
    /// The conditions that do not hold, as `IpAddress.request:ip`; none where the resource is another.
    pub conditions: Vec<String>,
}

impl NearMiss {
    /// One sentence for people.
    pub fn text(&self) -> String {
        let Self {
            policy,
            statement,
            conditions,
        } = self;
        match conditions.as_slice() {
            [] => format!("Statement {statement} of {policy} allows the action, on other resources."),
            some => format!(
                "Statement {statement} of {policy} would have allowed it but for {}.",
                some.join(", ")
            ),
        }
    }
}

impl Evaluation<'_> {
    /// Why; costs a second look at the statements.
    pub fn explain(&self) -> Explanation {
        let denied = self.decision == Decision::ImplicitDeny;
        Explanation {
            decision: self.decision,
            text: self.sentence(),
            missing: if denied { self.missing() } else { None },
            near_misses: if denied { self.near_misses() } else { Vec::new() },
        }
    }

    fn sentence(&self) -> String {
        let name = |one: StatementRef<'_>| format!("statement {} of {}", one.name(), one.policy);
        match (self.decision, self.deciding(), self.unreadable.first()) {
            (Decision::Allow, Some(by), _) => format!("Allowed by {}.", name(by)),
            (Decision::ExplicitDeny, Some(by), _) if by.effect == Effect::Deny => {
                format!("Denied by {}; a Deny beats every Allow.", name(by))
            }
            (Decision::ExplicitDeny, _, Some(policy)) => {
                format!("Denied because the document of {policy} cannot be read.")
            }
            _ => "Denied because no statement allows it.".to_owned(),
        }
    }

    fn missing(&self) -> Option<Value> {
        let action = self.request.action;
        let sayable = action.contains(':') && !action.contains(['*', '?']);
        let resource = literally(self.request.resource);
        sayable.then(|| json!({"Effect": "Allow", "Action": action, "Resource": resource}))
    }

    fn near_misses(&self) -> Vec<NearMiss> {
        let (action, context) = (ActionKey::of(self.request.action), self.request.context);
        let mut all = Vec::new();
        for source in self.sources {
            let Some(document) = source.document() else {
                continue;
            };
            for index in document.index.candidates(&action) {
                let statement: &Statement = &document.statements[index];
                if statement.effect == Effect::Deny || !statement.takes_action(&action.text, context) {
                    continue;
                }
                let here = statement
                    .resources
                    .take(self.request.resource, context, statement.effect);
                let conditions = if here { self.failed(statement) } else { Vec::new() };
                let statement = reference(source.name(), index, statement).name();
                let policy = source.name().to_owned();
                all.push(NearMiss {
                    policy,
                    statement,
                    conditions,
                });
            }
        }
        all.sort_by_key(|one| one.conditions.is_empty());
        all.truncate(MAX_NEAR_MISSES);
        all
    }

    fn failed(&self, statement: &Statement) -> Vec<String> {
        let all = statement.conditions.iter();
        let fails = all.filter(|one| !one.holds(self.request.context, statement.effect));
        fails.map(|one| one.name.clone()).collect()
    }
}

/// `text` as a pattern that matches nothing else.
fn literally(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '*' | '?' | '$' => pattern.extend(["${", one.encode_utf8(&mut [0; 4]), "}"]),
            _ => pattern.push(one),
        }
    }
    pattern
}
