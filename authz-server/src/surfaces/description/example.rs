//! An example of every JSON body, put together from the examples of its members.
//! Refuses to replace one that a handler has written, and to follow schemas round in a circle.

use serde_json::{Map, Value, json};

/// How far down members are followed.
const DEEPEST: u8 = 8;

/// Gives every JSON body of an operation that has none an example.
pub(super) fn add_examples(operation: &mut Value, schemas: &Value) {
    add_example(&mut operation["requestBody"], schemas);
    for response in operation["responses"].as_object_mut().into_iter().flatten() {
        add_example(response.1, schemas);
    }
}

fn add_example(body: &mut Value, schemas: &Value) {
    let Some(content) = body.pointer_mut("/content/application~1json") else {
        return;
    };
    if content.get("example").is_none() && content.get("examples").is_none() {
        content["example"] = example(&content["schema"], schemas, DEEPEST);
    }
}

/// The schema's own example, else one made of those of its parts.
fn example(schema: &Value, schemas: &Value, depth: u8) -> Value {
    let schema = resolve(schema, schemas);
    let own = schema.get("example").or_else(|| schema.pointer("/examples/0"));
    if let Some(own) = own
        .or_else(|| schema.get("const"))
        .or_else(|| schema.pointer("/enum/0"))
    {
        return own.clone();
    }
    let inner = |part: &Value| match depth {
        0 => Value::Null,
        _ => example(part, schemas, depth - 1),
    };
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts
            .iter()
            .map(inner)
            .filter_map(|part| part.as_object().cloned());
        let mut all: Map<String, Value> = parts.flatten().collect();
        all.extend(members(schema, inner));
        return Value::Object(all);
    }
    let choice = ["oneOf", "anyOf"]
        .iter()
        .find_map(|kind| schema[*kind].as_array());
    if let Some(choice) = choice.and_then(|all| all.iter().find(|one| one["type"] != "null")) {
        return inner(choice);
    }
    match kind(schema) {
        Some("object") => Value::Object(members(schema, inner)),
        Some("array") => json!([inner(&schema["items"])]),
        Some("boolean") => json!(true),
        _ => Value::Null,
    }
}

fn members(schema: &Value, inner: impl Fn(&Value) -> Value) -> Map<String, Value> {
    let members = schema["properties"].as_object().into_iter().flatten();
    members
        .map(|(name, member)| (name.clone(), inner(member)))
        .collect()
}

/// The type of a schema; of one that may be null, the other.
pub(super) fn kind(schema: &Value) -> Option<&str> {
    match &schema["type"] {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null"),
        _ => None,
    }
}

fn resolve<'a>(schema: &'a Value, schemas: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|text| text.rsplit('/').next());
    name.and_then(|name| schemas.get(name)).unwrap_or(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_put_together_from_their_members() {
        let schemas = json!({
            "Who": { "type": "object", "properties": { "id": { "type": "string", "example": "usr_1" } } },
            "Both": { "allOf": [{ "$ref": "#/components/schemas/Who" }],
                "properties": { "tags": { "type": ["array", "null"], "items": { "type": "integer", "example": 7 } } } },
            "Loop": { "type": "object", "properties": { "next": { "$ref": "#/components/schemas/Loop" } } },
        });
        let of = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        assert_eq!(
            example(&of("Both"), &schemas, DEEPEST),
            json!({ "id": "usr_1", "tags": [7] })
        );
        let choice = json!({ "oneOf": [{ "type": "null" }, of("Who")] });
        assert_eq!(example(&choice, &schemas, DEEPEST), json!({ "id": "usr_1" }));
        assert!(example(&of("Loop"), &schemas, DEEPEST).is_object());
    }

    #[test]
    fn what_a_handler_has_written_stays() {
        let mut operation = json!({ "responses": { "200": { "content": { "application/json": {
            "schema": { "type": "boolean" }, "example": false } } } } });
        let before = operation.clone();
        add_examples(&mut operation, &json!({}));
        assert_eq!(operation["responses"], before["responses"]);
    }
}
