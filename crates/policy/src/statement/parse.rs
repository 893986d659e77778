//! Reads a statement.
//! Refuses members it does not know, and both or neither of a pair.

use super::element::{action, resource, texts};
use super::{Patterns, Statement};
use crate::condition::conditions;
use crate::effect::Effect;
use crate::grammar::{Flaw, Path, shown};
use crate::json::{Member, Node, Value};
use crate::pattern::Pattern;

const MAX_SID_CHARS: usize = 128;

/// The statement at `path`; `variables` tells whether the document's version has them.
pub(crate) fn statement(node: Node, path: &Path<'_>, variables: bool) -> Result<Statement, Flaw> {
    let at = node.at;
    let Value::Object(members) = node.value else {
        return Err(path.flaw(at, format!("a statement is an object, not {}", node.value.kind())));
    };
    let mut parts = Parts::default();
    for member in members {
        parts.take(member, path, variables)?;
    }
    let missing = |what: &str| path.flaw(at, format!("{what} is missing"));
    Ok(Statement {
        sid: parts.sid,
        effect: parts.effect.ok_or_else(|| missing("Effect"))?,
        actions: parts.actions.ok_or_else(|| missing("Action or NotAction"))?,
        resources: parts
            .resources
            .ok_or_else(|| missing("Resource or NotResource"))?,
        conditions: parts.conditions,
    })
}

#[derive(Default)]
struct Parts {
    sid: Option<String>,
    effect: Option<Effect>,
    actions: Option<Patterns>,
    resources: Option<Patterns>,
    conditions: Vec<crate::condition::Condition>,
}

impl Parts {
    fn take(&mut self, member: Member, path: &Path<'_>, variables: bool) -> Result<(), Flaw> {
        let Member { name, at, node } = member;
        let path = path.member(&name);
        match name.as_str() {
            "Sid" => self.sid = Some(sid(node, &path)?),
            "Effect" => self.effect = Some(effect(&node, &path)?),
            "Action" | "NotAction" => {
                one_of(self.actions.is_none(), &path, at, "Action and NotAction")?;
                self.actions = Some(patterns(node, &path, name == "NotAction", action)?);
            }
            "Resource" | "NotResource" => {
                one_of(self.resources.is_none(), &path, at, "Resource and NotResource")?;
                let read = |text: &str| resource(text, variables);
                self.resources = Some(patterns(node, &path, name == "NotResource", read)?);
            }
            "Condition" => self.conditions = conditions(node, &path, variables)?,
            "Principal" | "NotPrincipal" => {
                let reason = "policies are attached to users and groups, and so say nothing of principals; \
                    leave it out, or test iam:principal_arn in a Condition";
                return Err(path.flaw(at, reason));
            }
            _ => {
                let reason = "unknown member; a statement has Sid, Effect, Action or NotAction, \
                    Resource or NotResource, and Condition (case matters)";
                return Err(path.flaw(at, reason));
            }
        }
        Ok(())
    }
}

fn one_of(first: bool, path: &Path<'_>, at: usize, pair: &str) -> Result<(), Flaw> {
    if first {
        Ok(())
    } else {
        Err(path.flaw(at, format!("a statement has one of {pair}, not both")))
    }
}

fn sid(node: Node, path: &Path<'_>) -> Result<String, Flaw> {
    let fits = |one: u8| one.is_ascii_alphanumeric() || b"_-".contains(&one);
    match node.value {
        Value::Text(text) if text.is_empty() => Err(path.flaw(node.at, "blank; leave it out")),
        Value::Text(text) if text.len() <= MAX_SID_CHARS && text.bytes().all(fits) => Ok(text),
        _ => Err(path.flaw(
            node.at,
            "a Sid is a string of letters, digits, `_` and `-`, at most 128",
        )),
    }
}

fn effect(node: &Node, path: &Path<'_>) -> Result<Effect, Flaw> {
    match &node.value {
        Value::Text(text) if text == "Allow" => Ok(Effect::Allow),
        Value::Text(text) if text == "Deny" => Ok(Effect::Deny),
        Value::Text(text) => {
            let reason = format!("an Effect is Allow or Deny, not `{}`", shown(text));
            Err(path.flaw(node.at, reason))
        }
        other => Err(path.flaw(
            node.at,
            format!("an Effect is Allow or Deny, not {}", other.kind()),
        )),
    }
}

fn patterns(
    node: Node,
    path: &Path<'_>,
    not: bool,
    read: impl Fn(&str) -> Result<Pattern, String>,
) -> Result<Patterns, Flaw> {
    let mut any = Vec::new();
    texts(node, path, |text, at, path| {
        any.push(read(text).map_err(|reason| path.flaw(at, reason))?);
        Ok(())
    })?;
    Ok(Patterns { not, any })
}
