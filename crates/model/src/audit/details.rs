//! Texts and details of audit entries in the one form in which they are kept.
//! Refuses what could pass for something else: line breaks and control characters are written out, sizes are bounded.

use serde_json::{Map, Value};

/// How deep details may go; what lies deeper is left out.
const DEEPEST: usize = 8;
/// The longest details of one entry, as text.
pub const LONGEST_DETAILS: usize = 8 * 1024;

/// Members in order, no floating point numbers, no endless depth: the same details are the same text.
pub fn canonical(value: Value) -> Value {
    at_depth(value, 0)
}

fn at_depth(value: Value, depth: usize) -> Value {
    if depth > DEEPEST {
        return Value::Null;
    }
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            let members = members
                .into_iter()
                .map(|(name, value)| (name, at_depth(value, depth + 1)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        Value::Array(list) => list.into_iter().map(|value| at_depth(value, depth + 1)).collect(),
        Value::Number(number) if number.is_f64() => Value::String(number.to_string()),
        other => other,
    }
}

/// At most `longest` characters, each of which can be shown: the others are written as `\u{…}`.
pub fn one_line(text: &str, longest: usize) -> String {
    let mut line = String::with_capacity(text.len().min(longest));
    for character in text.chars().take(longest) {
        if character.is_control() || is_unseen(character) {
            line.extend(character.escape_unicode());
        } else {
            line.push(character);
        }
    }
    line
}

/// Separators of lines and paragraphs, and what changes the direction in which text is read.
const fn is_unseen(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_order_of_members_does_not_matter() {
        let one: Value = serde_json::from_str(r#"{"b":[{"z":1,"y":1.5}],"a":null}"#).unwrap();
        let text = canonical(one).to_string();
        assert_eq!(text, r#"{"a":null,"b":[{"y":"1.5","z":1}]}"#);
    }

    #[test]
    fn what_lies_too_deep_is_left_out() {
        let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
        assert!(canonical(deep).to_string().len() < 40);
    }

    /// T04
    #[test]
    fn line_breaks_and_turned_text_are_written_out() {
        assert_eq!(one_line("a\r\nb\u{202e}c\0", 100), r"a\u{d}\u{a}b\u{202e}c\u{0}");
        assert_eq!(one_line("abcdef", 3), "abc");
    }

    proptest! {
        #[test]
        fn a_line_has_no_control_characters(text in ".{0,60}\\PC{0,20}[\u{0}-\u{20}]{0,5}") {
            prop_assert!(!one_line(&text, 50).chars().any(char::is_control));
        }
    }
}
