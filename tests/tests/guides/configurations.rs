//! Configurations in the documents: the program that each is for must understand it.
//! Forgives what only a whole deployment can have: files, and scopes that another part declares.

use std::path::Path;
use std::process::Command;

use tests::program::find;

use super::{Document, documents};

const OF_THE_PROXY: [&str; 9] = [
    "authorization_server",
    "listeners",
    "upstreams",
    "routes",
    "revocations",
    "dpop",
    "shared_limits",
    "decisions",
    "runtime",
];

const FORGIVEN: [&str; 8] = [
    "cannot read ",
    "which no [[scopes]] entry describes",
    "which no [[resources]] entry describes",
    "of no use without server.tls",
    "set server.tls.client_certificates",
    "username and password belong together",
    " cannot be used:",
    "warning: ",
];

/// Indented blocks, each without its indentation, with the line it begins at.
fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut indent = None;
    for (number, line) in text.lines().enumerate() {
        let depth = line.len() - line.trim_start().len();
        match indent {
            _ if line.trim().is_empty() => {}
            Some(begun) if depth >= begun => {}
            _ if depth >= 4 => {
                indent = Some(depth);
                found.push((number + 1, String::new()));
            }
            _ => indent = None,
        }
        if let (Some(begun), Some((_, block))) = (indent, found.last_mut()) {
            // One block may show two files, each under its name.
            if line.trim().starts_with("# ") && line.trim().ends_with(".toml") {
                found.push((number + 1, String::new()));
            } else {
                block.push_str(line.get(begun..).unwrap_or_default());
                block.push('\n');
            }
        }
    }
    found
}

/// The tables of a block that is a configuration; a lone line is only a part of one.
fn configuration(block: &str) -> Option<toml::Table> {
    let table: toml::Table = block.parse().ok()?;
    let whole = |value: &toml::Value| value.is_table() || value.is_array();
    let lone = table
        .keys()
        .all(|key| ["require", "meter"].contains(&key.as_str()));
    (!lone && table.values().all(whole) && !table.is_empty()).then_some(table)
}

fn is_for_the_proxy(table: &toml::Table) -> bool {
    table.keys().any(|key| OF_THE_PROXY.contains(&key.as_str()))
}

/// What a proxy needs besides, unless the block has it.
fn completed(table: &toml::Table, block: &str) -> String {
    let mut whole = String::new();
    if !table.contains_key("authorization_server") {
        let secret = "client_secret = \"0123456789abcdef\"";
        let issuer = "issuer = \"http://127.0.0.1:8080\"";
        whole.push_str(&format!(
            "authorization_server = {{ {issuer}, client_id = \"edge\", {secret} }}\n"
        ));
    }
    if !table.contains_key("listeners") {
        whole.push_str("listeners = [{ name = \"public\", listen = \"127.0.0.1:0\" }]\n");
    }
    let routes = table.get("routes").and_then(toml::Value::as_array);
    let named = routes
        .into_iter()
        .flatten()
        .filter_map(|route| route.get("upstream")?.as_str());
    let upstreams: Vec<_> = named
        .map(|name| format!("{{ name = \"{name}\", addresses = [\"127.0.0.1:9\"] }}"))
        .collect();
    if !table.contains_key("upstreams") && !upstreams.is_empty() {
        whole.push_str(&format!("upstreams = [{}]\n", upstreams.join(", ")));
    }
    whole + block
}

/// What the program complains about.
fn complaints(folder: &Path, table: &toml::Table, block: &str) -> Vec<String> {
    let file = folder.join("shown.toml");
    let (program, arguments) = match is_for_the_proxy(table) {
        true => ("introspect-proxy", &["check"][..]),
        false => ("authz-server", &["config", "check"][..]),
    };
    let text = match is_for_the_proxy(table) {
        true => completed(table, block),
        false => block.to_owned(),
    };
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(find(program).unwrap());
    let checked = command
        .arg("--config")
        .arg(&file)
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8(checked.stderr).unwrap();
    let said = said
        .lines()
        .filter(|line| !FORGIVEN.iter().any(|known| line.contains(known)));
    said.map(|line| line.trim().to_owned()).collect()
}

#[test]
fn every_configuration_that_is_shown_is_understood() {
    let folder = tempfile::tempdir().unwrap();
    let (mut seen, mut wrong) = (0, Vec::new());
    for Document { path, text } in documents() {
        for (line, block) in blocks(&text) {
            let Some(table) = configuration(&block) else {
                continue;
            };
            seen += 1;
            let found = complaints(folder.path(), &table, &block);
            wrong.extend(
                found
                    .into_iter()
                    .map(|what| format!("{}:{line}: {what}", path.display())),
            );
        }
    }
    assert!(seen > 25, "only {seen} were found");
    assert_eq!(wrong, Vec::<String>::new());
}
