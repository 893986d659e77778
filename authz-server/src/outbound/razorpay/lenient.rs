//! Numbers as they come: a whole number, or one in quotes.
//! Refuses fractions, signs that make no sense, and anything beyond counting.

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer};

/// A whole number that is not negative.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Whole(pub i64);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(i64),
    Text(String),
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let number = match Written::deserialize(input)? {
            Written::Number(number) => Some(number),
            Written::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
            Written::Text(_) => None,
        };
        let number = number.filter(|number| *number >= 0);
        let expected = "a whole number that is not negative";
        number
            .map(Self)
            .ok_or_else(|| D::Error::invalid_value(Unexpected::Other("another value"), &expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_come_with_and_without_quotes() {
        for (text, number) in [
            ("0", 0),
            ("100", 100),
            (r#""12""#, 12),
            ("9223372036854775807", i64::MAX),
        ] {
            assert_eq!(serde_json::from_str::<Whole>(text).unwrap(), Whole(number));
        }
        for text in [
            "-1",
            "0.1",
            "1e18",
            "9223372036854775808",
            r#""""#,
            r#""1.0""#,
            r#""+1""#,
            "null",
            "[]",
            "true",
        ] {
            assert!(serde_json::from_str::<Whole>(text).is_err(), "{text}");
        }
    }
}
