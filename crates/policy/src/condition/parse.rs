//! Reads a statement's `Condition`.
//! Refuses empty objects, empty lists and blank values.

use super::Condition;
use super::operator::Operator;
use super::values::Values;
use crate::grammar::{Flaw, Path};
use crate::json::{Member, Node, Value};
use crate::key;

/// All tests of the element; `variables` tells whether the document's version has them.
pub(crate) fn conditions(node: Node, path: &Path<'_>, variables: bool) -> Result<Vec<Condition>, Flaw> {
    let mut all = Vec::new();
    for operator in members(node, path, "operators with their keys")? {
        let path = path.member(&operator.name);
        let known = Operator::parse(&operator.name).map_err(|reason| path.flaw(operator.at, reason))?;
        let first = all.len();
        for test in members(operator.node, &path, "keys with their values")? {
            let path = path.member(&test.name);
            let key = key::condition(&test.name).map_err(|reason| path.flaw(test.at, reason))?;
            if all[first..].iter().any(|one: &Condition| one.key == key) {
                return Err(path.flaw(
                    test.at,
                    "this key stands here twice; case does not tell keys apart",
                ));
            }
            all.push(Condition {
                operator: known,
                key,
                values: values(test.node, known, &path, variables)?,
                name: format!("{}.{}", operator.name, test.name),
            });
        }
    }
    Ok(all)
}

fn members(node: Node, path: &Path<'_>, what: &str) -> Result<Vec<Member>, Flaw> {
    match node.value {
        Value::Object(members) if members.is_empty() => Err(path.flaw(
            node.at,
            format!("empty: an object of {what} is due here, or nothing at all"),
        )),
        Value::Object(members) => Ok(members),
        other => Err(path.flaw(
            node.at,
            format!("an object of {what} is due here, not {}", other.kind()),
        )),
    }
}

fn values(node: Node, operator: Operator, path: &Path<'_>, variables: bool) -> Result<Values, Flaw> {
    let mut values = Values::of(operator.family);
    let mut take = |node: Node, path: &Path<'_>| {
        let text = match node.value {
            Value::Text(text) | Value::Number(text) => text,
            Value::Bool(flag) => flag.to_string(),
            other => {
                let reason = format!("a string, number or boolean is due here, not {}", other.kind());
                return Err(path.flaw(node.at, reason));
            }
        };
        if text.trim().is_empty() {
            return Err(path.flaw(node.at, "blank: such a value matches nothing"));
        }
        let pushed = values.push(&text, operator.family, variables);
        pushed.map_err(|reason| path.flaw(node.at, reason))
    };
    match node.value {
        Value::List(items) if items.is_empty() => {
            return Err(path.flaw(node.at, "an empty list matches nothing; leave the key out"));
        }
        Value::List(items) => {
            for (index, item) in items.into_iter().enumerate() {
                take(item, &path.index(index))?;
            }
        }
        value => take(Node { at: node.at, value }, path)?,
    }
    Ok(values)
}
