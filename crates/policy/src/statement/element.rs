//! Reads actions and resources: a string or a list of them.
//! Refuses shapes that can match no request.

use crate::grammar::{Flaw, Path};
use crate::json::{Node, Value};
use crate::pattern::{Pattern, Rules, Token};

const ARN_PARTS: usize = 6;

/// Hands each text of a string or a list of strings to `take`.
pub(super) fn texts(
    node: Node,
    path: &Path<'_>,
    mut take: impl FnMut(&str, usize, &Path<'_>) -> Result<(), Flaw>,
) -> Result<(), Flaw> {
    let mut one = |node: Node, path: &Path<'_>| match node.value {
        Value::Text(text) if text.trim().is_empty() => Err(path.flaw(node.at, "blank")),
        Value::Text(text) => take(&text, node.at, path),
        other => Err(path.flaw(node.at, format!("a string is due here, not {}", other.kind()))),
    };
    match node.value {
        Value::List(items) if items.is_empty() => Err(path.flaw(node.at, "an empty list means nothing")),
        Value::List(items) => {
            for (index, item) in items.into_iter().enumerate() {
                one(item, &path.index(index))?;
            }
            Ok(())
        }
        value => one(Node { at: node.at, value }, path),
    }
}

/// `*`, or `service:name` with wildcards; never variables.
pub(super) fn action(text: &str) -> Result<Pattern, String> {
    let fits = |one: u8| one.is_ascii_alphanumeric() || b"_-./*?".contains(&one);
    let parts = text.split_once(':');
    let good = parts.is_some_and(|(service, name)| {
        !service.is_empty() && !name.is_empty() && service.bytes().chain(name.bytes()).all(fits)
    });
    if text != "*" && !good {
        return Err("an action is `service:name`, with `*` and `?` where you like, or `*` alone".to_owned());
    }
    Pattern::parse(
        text,
        Rules {
            wildcards: true,
            variables: false,
            fold: true,
        },
    )
}

/// `*` or an ARN, with wildcards and variables.
pub(super) fn resource(text: &str, variables: bool) -> Result<Pattern, String> {
    let pattern = Pattern::parse(
        text,
        Rules {
            wildcards: true,
            variables,
            fold: false,
        },
    )?;
    let whole = text.split(':').count() >= ARN_PARTS || pattern.tokens.contains(&Token::Many);
    if pattern.is_everything() || (text.starts_with("arn:") && whole) {
        return Ok(pattern);
    }
    Err("a resource is an ARN (arn:partition:service:region:account:resource), perhaps with `*` for some of them, or `*` alone".to_owned())
}
