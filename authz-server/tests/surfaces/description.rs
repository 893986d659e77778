//! What the surfaces say of themselves.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::app::App;

fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let pairs = paths.iter().flat_map(|(path, item)| {
        let operations = item
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, content)| content.is_object());
        operations.map(|(method, content)| (method.clone(), path.clone(), content))
    });
    pairs.collect()
}

#[tokio::test]
async fn the_document_is_served_and_cached_by_its_tag() {
    let app = App::new().await;
    let reply = app.program().get("/openapi.json").await;
    assert_eq!(reply.body["openapi"], "3.1.0");
    assert_eq!(
        reply.body["servers"][0]["url"],
        app.authority.settings.issuer.as_str()
    );
    let again = app
        .program()
        .with("if-none-match", reply.header("etag"))
        .get("/openapi.json")
        .await;
    assert_eq!(again.status, 304);
    assert_eq!(
        app.program().get("/docs").await.header("content-type"),
        "text/html; charset=utf-8"
    );
}

#[tokio::test]
async fn every_operation_says_what_it_does_answers_and_refuses() {
    let app = App::new().await;
    let document = app.program().get("/openapi.json").await.body;
    let mut ids = BTreeSet::new();
    for (method, path, content) in operations(&document) {
        let name = format!("{method} {path}");
        assert!(
            content["summary"]
                .as_str()
                .or(content["description"].as_str())
                .is_some_and(|text| text.len() > 8),
            "{name}"
        );
        assert!(
            ids.insert(content["operationId"].as_str().unwrap().to_owned()),
            "{name}"
        );
        let responses = content["responses"].as_object().unwrap();
        assert!(
            responses
                .keys()
                .any(|status| status.starts_with('2') || status.starts_with('3')),
            "{name}"
        );
        for status in ["400", "429", "500", "503"] {
            assert!(responses.contains_key(status), "{name} {status}");
        }
    }
}

/// Two structures of one name would be one schema, and one of them described wrongly.
#[test]
fn no_two_schemas_have_one_name() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut names) = (vec![folder], BTreeSet::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            for name in schemas(&std::fs::read_to_string(&path).unwrap_or_default()) {
                assert!(names.insert(name.clone()), "{name} again in {}", path.display());
            }
        }
    }
    assert!(names.len() > 50, "{}", names.len());
}

/// The names of the schemas that a source derives.
fn schemas(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut derives, mut renamed) = (false, None);
    for line in text.lines() {
        derives |= line.starts_with("#[derive(") && line.contains("ToSchema");
        if let Some((_, rest)) = line.split_once("#[schema(as = ") {
            renamed = rest.split([')', ',']).next().map(str::to_owned);
        }
        let declared = line
            .split_once("struct ")
            .or_else(|| line.split_once("enum "))
            .filter(|(before, _)| before.is_empty() || before.starts_with("pub"));
        if let Some((_, rest)) = declared {
            let own = rest.split([' ', '<', '(', ';']).next().map(str::to_owned);
            found.extend(renamed.take().or(own).filter(|_| derives));
            derives = false;
        }
    }
    found
}

/// Whatever is mounted below a base path has a description: nothing is mounted there in another way.
#[test]
fn surfaces_mount_described_operations_only() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/surfaces");
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("description/mod.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(
                    !text.contains(".route("),
                    "{} mounts an operation without describing it",
                    path.display()
                );
            }
        }
    }
}
