//! The configuration reference, generated from the types and their comments.
//! Describes; a test fails when the committed copy is stale.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{
    environment::variable,
    schema::{self, Kind},
};

const OPENING: &str = "# Configuration

Settings come from a TOML file (`--config`) and, above it, from environment variables named `AUTHZ_SECTION__KEY`.
Lists in variables are written as in TOML: `AUTHZ_SERVER__TRUSTED_PROXIES='[\"10.0.0.0/8\"]'`. Lengths of time are written
`90s`, `15m`, `12h` or `30d`, rates `100/min` or `50/15min`. Unknown keys are an error. This page is generated: `authz-server config reference`.
";

/// The whole reference as Markdown.
pub fn reference() -> String {
    let root = schema::root();
    let defaults = serde_json::to_value(super::Config::default()).unwrap_or_default();
    let mut page = OPENING.to_owned();
    for (name, section) in schema::properties(&root).into_iter().flatten() {
        let entry = schema::entry(section);
        let title = if entry.is_some() {
            format!("[[{name}]]")
        } else {
            format!("[{name}]")
        };
        _ = write!(
            page,
            "\n## `{title}`\n\n{}\n\n| key | value | default | meaning |\n|---|---|---|---|\n",
            description(section)
        );
        let keys = schema::properties(entry.unwrap_or(section));
        rows(keys, &[name], entry.is_none().then(|| &defaults[name]), &mut page);
        if entry.is_none() {
            _ = write!(
                page,
                "\nFrom the environment: `{}`, and so on.\n",
                variable(&[name.as_str(), first(keys)])
            );
        }
    }
    page
}

fn first(keys: Option<&Map<String, Value>>) -> &str {
    keys.and_then(|keys| keys.keys().next())
        .map_or("KEY", String::as_str)
}

fn rows(keys: Option<&Map<String, Value>>, path: &[&str], defaults: Option<&Value>, page: &mut String) {
    for (name, node) in keys.into_iter().flatten() {
        let path: Vec<&str> = path.iter().copied().chain([name.as_str()]).collect();
        let default = defaults.map_or(node.get("default"), |section| section.get(name));
        if let (Kind::Table, Some(inner)) = (schema::kind(node), schema::properties(node)) {
            rows(Some(inner), &path, None, page);
            continue;
        }
        let key = path[1..].join(".");
        _ = writeln!(
            page,
            "| `{key}` | {} | {} | {} |",
            values(node),
            shown(default),
            description(node)
        );
    }
}

fn values(node: &Value) -> String {
    let words = schema::words(node);
    if !words.is_empty() {
        return words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", ");
    }
    match schema::kind(node) {
        Kind::Text if node.get("format").and_then(Value::as_str) == Some("duration") => {
            "length of time".to_owned()
        }
        Kind::Text if node.get("format").and_then(Value::as_str) == Some("rate") => "rate".to_owned(),
        Kind::Text => "text".to_owned(),
        Kind::Whole => "whole number".to_owned(),
        Kind::Number => "number".to_owned(),
        Kind::Flag => "`true`, `false`".to_owned(),
        Kind::List => "list".to_owned(),
        Kind::Table => "table".to_owned(),
    }
}

fn shown(default: Option<&Value>) -> String {
    match default {
        None | Some(Value::Null) => "–".to_owned(),
        Some(value) => format!("`{value}`"),
    }
}

fn description(node: &Value) -> String {
    let text = node
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default();
    text.replace('\n', " ").replace('|', "\\|")
}
