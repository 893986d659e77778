//! The claims of a token, and the structural rules every claims set must keep.
//! Judges types and ranges only; who and when is the policy's part.

use serde_json::{Map, Value};

use crate::VerifyError;

/// The last second of the year 9999.
const MAX_DATE: i64 = 253_402_300_799;
const DATES: [&str; 4] = ["exp", "nbf", "iat", "auth_time"];
const TEXTS: [&str; 3] = ["iss", "sub", "jti"];
/// Above 2^53 a float no longer tells neighbouring integers apart.
const MAX_EXACT_FLOAT: f64 = 9_007_199_254_740_992.0;

/// The members of a verified payload.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Checks the registered claims: texts are strings, times whole seconds until the year 9999, `aud` a string or
    /// strings (RFC 7519 §4.1).
    pub(crate) fn checked(map: Map<String, Value>) -> Result<Self, VerifyError> {
        for name in TEXTS {
            if map.get(name).is_some_and(|value| !value.is_string()) {
                return Err(VerifyError::InvalidClaim { name });
            }
        }
        for name in DATES {
            let whole = map.get(name).map(whole);
            if whole.is_some_and(|date| !date.is_some_and(|date| (0..=MAX_DATE).contains(&date))) {
                return Err(VerifyError::InvalidClaim { name });
            }
        }
        if map.get("aud").is_some_and(|value| !is_audience(value)) {
            return Err(VerifyError::InvalidClaim { name: "aud" });
        }
        Ok(Self(map))
    }

    /// The raw claim.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The claim, when it is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The claim, when it is a whole number, also if written like `5.0`.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<i64> {
        whole(self.0.get(name)?)
    }

    /// Every audience; empty when there is none.
    #[must_use]
    pub fn audience(&self) -> Vec<&str> {
        match self.0.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// All members, in the order of the token.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

fn is_audience(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Array(items) => items.iter().all(Value::is_string),
        _ => false,
    }
}

fn whole(value: &Value) -> Option<i64> {
    let number = value.as_number()?;
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        (float.fract() == 0.0 && float.abs() <= MAX_EXACT_FLOAT).then_some(float as i64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn checked(value: &Value) -> Result<Claims, VerifyError> {
        Claims::checked(value.as_object().unwrap().clone())
    }

    #[test]
    fn whole_numbers_are_read_also_as_floats() {
        let claims =
            checked(&json!({"exp": 1.0, "iat": 0, "nbf": MAX_DATE, "n": -5, "big": u64::MAX})).unwrap();
        assert_eq!(claims.int("exp"), Some(1));
        assert_eq!(claims.int("iat"), Some(0));
        assert_eq!(claims.int("nbf"), Some(MAX_DATE));
        assert_eq!(claims.int("n"), Some(-5));
        assert_eq!(claims.int("big"), None);
    }

    /// O20
    #[test]
    fn times_out_of_range_are_invalid() {
        for bad in [
            json!(1e19),
            json!(u64::MAX),
            json!(1e300),
            json!("1"),
            json!(-1),
            json!(1.5),
            json!(null),
            json!([1]),
            json!(MAX_DATE + 1),
        ] {
            for name in DATES {
                let verdict = checked(&json!({ name: bad.clone() }));
                assert_eq!(verdict, Err(VerifyError::InvalidClaim { name }), "{bad}");
            }
        }
    }

    #[test]
    fn texts_and_audience_have_one_shape() {
        assert!(checked(&json!({"sub": 1})).is_err());
        assert!(checked(&json!({"iss": ["a"]})).is_err());
        assert!(checked(&json!({"aud": ["a", 1]})).is_err());
        assert!(checked(&json!({"aud": {"a": 1}})).is_err());
        assert_eq!(checked(&json!({"aud": "a"})).unwrap().audience(), ["a"]);
        assert_eq!(
            checked(&json!({"aud": ["a", "b"]})).unwrap().audience(),
            ["a", "b"]
        );
        assert!(checked(&json!({})).unwrap().audience().is_empty());
    }
}
