//! The pairs that a merchant hangs on things.
//! Refuses more than fifteen, and anything but short texts and numbers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::problem::Problem;

const MOST: usize = 15;
const MOST_CHARS: usize = 256;

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Notes(Map<String, Value>);

impl Notes {
    pub(crate) fn read(value: &Value) -> Result<Self, Problem> {
        let problem = |description: &str| Err(Problem::input("notes", description));
        let pairs = match value {
            Value::Array(empty) if empty.is_empty() => return Ok(Self::default()),
            Value::Object(pairs) => pairs,
            _ => return problem("The notes must be an array."),
        };
        if pairs.len() > MOST {
            return problem("Number of fields in notes should be less than or equal to 15");
        }
        let is_plain = |value: &Value| match value {
            Value::String(text) => text.chars().count() <= MOST_CHARS,
            Value::Number(_) | Value::Bool(_) | Value::Null => true,
            Value::Array(_) | Value::Object(_) => false,
        };
        if !pairs
            .iter()
            .all(|(key, value)| key.chars().count() <= MOST_CHARS && is_plain(value))
        {
            return problem("The notes must be short texts.");
        }
        Ok(Self(pairs.clone()))
    }

    /// No notes are an empty list, as PHP writes an empty map.
    pub(crate) fn show(&self) -> Value {
        if self.0.is_empty() {
            return json!([]);
        }
        Value::Object(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_notes_are_a_list() {
        assert_eq!(Notes::default().show(), json!([]));
        assert_eq!(Notes::read(&json!([])).unwrap().show(), json!([]));
        assert_eq!(Notes::read(&json!({"a": "b"})).unwrap().show(), json!({"a": "b"}));
    }

    #[test]
    fn fifteen_pairs_are_the_most() {
        let pairs = |count: usize| Value::Object((0..count).map(|n| (n.to_string(), json!("x"))).collect());
        assert!(Notes::read(&pairs(15)).is_ok());
        assert!(Notes::read(&pairs(16)).is_err());
        assert!(Notes::read(&json!({"a": "x".repeat(257)})).is_err());
        assert!(Notes::read(&json!({"a": {}})).is_err());
    }
}
