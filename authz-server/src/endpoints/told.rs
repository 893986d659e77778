//! From JSON that a service sends along to the context of a decision.
//! Leaves out what is no text, number or boolean, or a list of those; refuses nothing, `Wish` judges.

use policy::Context;
use serde_json::{Map, Value};

/// What names without a prefix of their own are said under.
pub const CONTEXT: &str = "context";

/// Adds the members, names without a colon as `prefix:name`.
pub fn add(context: &mut Context, prefix: &str, members: &Map<String, Value>) {
    for (name, value) in members {
        let key = match name.contains(':') {
            true => name.clone(),
            false => format!("{prefix}:{name}"),
        };
        match value {
            Value::Array(items) => items
                .iter()
                .filter_map(text)
                .for_each(|item| context.add(&key, item)),
            one => text(one).into_iter().for_each(|one| context.add(&key, one)),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_service_says_keeps_its_name_or_gets_a_prefix() {
        let mut context = Context::new();
        let said =
            json!({"amount": 7, "orders:tags": ["a", true, {"b": 1}], "nothing": null, "deep": {"x": 1}});
        add(&mut context, CONTEXT, said.as_object().unwrap());
        let found: Vec<_> = context
            .iter()
            .map(|(key, values)| format!("{key}={}", values.join("+")))
            .collect();
        assert_eq!(found, ["context:amount=7", "orders:tags=a+true"]);
    }
}
