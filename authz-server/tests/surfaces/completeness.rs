//! Whether the description leaves a reader with questions: it is walked from every operation to every member.
//! Knows no operation by name.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::app::App;

/// The document and what was found wanting in it.
struct Walk<'a> {
    document: &'a Value,
    seen: BTreeSet<String>,
    missing: BTreeSet<String>,
}

fn is_told(value: &Value) -> bool {
    value["description"].as_str().is_some_and(|text| text.len() > 4)
}

fn has_example(value: &Value) -> bool {
    ["example", "examples", "const", "enum"]
        .iter()
        .any(|name| !value[name].is_null())
}

impl<'a> Walk<'a> {
    /// What a reference stands for, and whether it is looked at for the first time.
    fn resolve(&mut self, value: &'a Value) -> (&'a Value, bool) {
        let Some(reference) = value["$ref"].as_str() else {
            return (value, true);
        };
        let pointer = reference.trim_start_matches('#');
        let target = self.document.pointer(pointer).expect(reference);
        (target, self.seen.insert(reference.to_owned()))
    }

    fn need(&mut self, holds: bool, place: &str, what: &str) {
        if !holds {
            self.missing.insert(format!("{place}: {what}"));
        }
    }

    fn operation(&mut self, name: &str, operation: &'a Value) {
        let summary = operation["summary"].as_str().unwrap_or_default();
        self.need(summary.len() > 8, name, "summary");
        self.need(is_told(operation), name, "description");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let place = format!("{name}?{}", parameter["name"]);
            self.need(is_told(parameter), &place, "description");
            let schema = &parameter["schema"];
            let told = has_example(parameter) || has_example(schema) || !schema["default"].is_null();
            self.need(told, &place, "example");
        }
        self.contents(name, &operation["requestBody"]);
        for (status, response) in operation["responses"].as_object().into_iter().flatten() {
            let place = format!("{name} {status}");
            let (response, _) = self.resolve(response);
            self.need(is_told(response), &place, "description");
            self.contents(&place, response);
        }
    }

    fn contents(&mut self, place: &str, body: &'a Value) {
        for (kind, content) in body["content"].as_object().into_iter().flatten() {
            // Bytes have nothing that is read.
            if kind == "application/json" {
                self.need(has_example(content), place, "example");
            }
            self.schema(place, &content["schema"]);
        }
    }

    fn schema(&mut self, place: &str, schema: &'a Value) {
        let name = schema["$ref"].as_str().and_then(|text| text.rsplit('/').next());
        let place = name.unwrap_or(place).to_owned();
        let (schema, is_new) = self.resolve(schema);
        if !is_new {
            return;
        }
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            self.member(&format!("{place}.{name}"), member);
        }
        for part in ["allOf", "oneOf", "anyOf"] {
            for one in schema[part].as_array().into_iter().flatten() {
                self.schema(&place, one);
            }
        }
        for inner in ["items", "additionalProperties"] {
            if schema[inner].is_object() {
                self.schema(&place, &schema[inner]);
            }
        }
    }

    fn member(&mut self, place: &str, member: &'a Value) {
        let target = match member["$ref"].as_str() {
            Some(reference) => self
                .document
                .pointer(reference.trim_start_matches('#'))
                .expect(reference),
            None => member,
        };
        self.need(is_told(member) || is_told(target), place, "description");
        let is_made_of_members = ["properties", "items", "allOf", "oneOf", "anyOf"]
            .iter()
            .any(|part| !target[part].is_null());
        self.need(is_made_of_members || has_example(target), place, "example");
        self.schema(place, member);
    }
}

#[tokio::test]
async fn every_operation_member_and_refusal_is_described_with_an_example() {
    let app = App::new().await;
    let document = app.program().get("/openapi.json").await.body;
    let mut walk = Walk {
        document: &document,
        seen: BTreeSet::new(),
        missing: BTreeSet::new(),
    };
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation.is_object() {
                walk.operation(&format!("{method} {path}"), operation);
            }
        }
    }
    assert!(walk.seen.len() > 80, "{}", walk.seen.len());
    let missing: Vec<String> = walk.missing.into_iter().collect();
    assert!(
        missing.is_empty(),
        "{} wanting:\n{}",
        missing.len(),
        missing.join("\n")
    );
}
