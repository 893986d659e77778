//! The shape of the configuration as a JSON schema, generated from the types.
//! Only answers questions about keys; it holds no values.

use serde_json::{Map, Value};

/// The schema of the whole configuration, without references.
pub(super) fn root() -> Value {
    let mut settings = schemars::generate::SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings
        .into_generator()
        .into_root_schema_for::<super::Config>()
        .to_value()
}

/// The kind of value that belongs to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Whole,
    Number,
    Flag,
    List,
    Table,
}

/// The node of a dotted key, if there is such a key.
pub(super) fn find<'a>(root: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter()
        .try_fold(root, |node, name| properties(node)?.get(*name))
}

/// The keys below a node, also through an optional table.
pub(super) fn properties(node: &Value) -> Option<&Map<String, Value>> {
    present(node).get("properties")?.as_object()
}

/// The schema of a list's entries.
pub(super) fn entry(node: &Value) -> Option<&Value> {
    present(node).get("items")
}

/// What a node expects.
pub(super) fn kind(node: &Value) -> Kind {
    let node = present(node);
    let name = match node.get("type") {
        Some(Value::Array(names)) => names
            .iter()
            .find_map(|name| name.as_str().filter(|name| *name != "null")),
        Some(name) => name.as_str(),
        None => None,
    };
    match name {
        Some("integer") => Kind::Whole,
        Some("number") => Kind::Number,
        Some("boolean") => Kind::Flag,
        Some("array") => Kind::List,
        Some("object") => Kind::Table,
        _ => Kind::Text,
    }
}

/// The words that a node allows, when it allows only some.
pub(super) fn words(node: &Value) -> Vec<&str> {
    let node = present(node);
    if let Some(words) = node.get("enum").and_then(Value::as_array) {
        return words.iter().filter_map(Value::as_str).collect();
    }
    let choices = node.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    choices
        .filter_map(|choice| choice.get("const")?.as_str())
        .collect()
}

/// The node itself, or what an optional node is when it is there.
fn present(node: &Value) -> &Value {
    let choices = node.get("anyOf").and_then(Value::as_array);
    let is_null = |choice: &Value| choice.get("type").and_then(Value::as_str) == Some("null");
    choices
        .and_then(|choices| choices.iter().find(|choice| !is_null(choice)))
        .unwrap_or(node)
}
