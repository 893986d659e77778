//! What an answer must look like: a JSON text with markers in place of what can't be known beforehand.
//! More members than the shape names are welcome, fewer are not.

use serde_json::Value;

/// Where a value differs from the shape, and how.
///
/// A marker is a string that begins with `@`: `@text`, `@string`, `@bool`, `@count`, `@integer`, `@epoch`, `@time`, `@jwt`,
/// `@token`, `@url`, `@object`, `@list`, `@any`, `@starts:PREFIX`; with `?` at its end `null` fits too; `@absent` forbids the
/// member. `["@each", SHAPE]` is a list of any length, `["@some", SHAPE]` one that is not empty.
///
/// # Errors
/// A path and a reason.
pub fn fits(shape: &Value, value: &Value) -> Result<(), String> {
    at("", shape, value)
}

fn at(path: &str, shape: &Value, value: &Value) -> Result<(), String> {
    match shape {
        Value::String(marker) if marker.starts_with('@') => marked(path, marker, value),
        Value::Object(members) => {
            for (name, shape) in members {
                member(&format!("{path}.{name}"), shape, value.get(name))?;
            }
            match value.is_object() {
                true => Ok(()),
                false => Err(format!("{path}: not an object")),
            }
        }
        Value::Array(shapes) => list(path, shapes, value),
        _ if shape == value => Ok(()),
        _ => Err(format!("{path}: not {shape}")),
    }
}

fn member(path: &str, shape: &Value, value: Option<&Value>) -> Result<(), String> {
    match (shape.as_str(), value) {
        (Some("@absent"), None) => Ok(()),
        (Some("@absent"), Some(_)) => Err(format!("{path}: must not be there")),
        (_, None) => Err(format!("{path}: missing")),
        (_, Some(value)) => at(path, shape, value),
    }
}

fn list(path: &str, shapes: &[Value], value: &Value) -> Result<(), String> {
    let items = value.as_array().ok_or_else(|| format!("{path}: not a list"))?;
    if let [Value::String(word), shape] = shapes
        && (word == "@each" || word == "@some")
    {
        if items.is_empty() && word == "@some" {
            return Err(format!("{path}: empty"));
        }
        let mut numbered = items.iter().enumerate();
        return numbered.try_for_each(|(index, item)| at(&format!("{path}[{index}]"), shape, item));
    }
    if shapes.len() != items.len() {
        return Err(format!(
            "{path}: {} entries instead of {}",
            items.len(),
            shapes.len()
        ));
    }
    let mut pairs = shapes.iter().zip(items).enumerate();
    pairs.try_for_each(|(index, (shape, item))| at(&format!("{path}[{index}]"), shape, item))
}

fn marked(path: &str, marker: &str, value: &Value) -> Result<(), String> {
    let kind = marker.strip_suffix('?').unwrap_or(marker);
    if kind.len() < marker.len() && value.is_null() {
        return Ok(());
    }
    let text = value.as_str();
    let good = match kind {
        "@any" => true,
        "@text" => text.is_some_and(|text| !text.is_empty()),
        "@string" => text.is_some(),
        "@bool" => value.is_boolean(),
        "@count" => value.is_u64(),
        "@integer" => value.is_i64(),
        "@epoch" => value.as_i64().is_some_and(|at| at > 1_600_000_000),
        "@time" => text.is_some_and(is_utc_time),
        "@jwt" => text.is_some_and(is_jwt),
        "@token" => text.is_some_and(|text| text.len() >= 20),
        "@url" => text.is_some_and(|text| url::Url::parse(text).is_ok()),
        "@object" => value.is_object(),
        "@list" => value.is_array(),
        _ => kind
            .strip_prefix("@starts:")
            .is_some_and(|prefix| text.is_some_and(|text| text.starts_with(prefix))),
    };
    match good {
        true => Ok(()),
        false => Err(format!("{path}: not {}", marker.trim_start_matches('@'))),
    }
}

/// RFC 3339 with `Z`.
fn is_utc_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let pattern = b"0000-00-00T00:00:00";
    let Some((start, rest)) = bytes.split_at_checked(pattern.len()) else {
        return false;
    };
    let alike = start.iter().zip(pattern).all(|(byte, like)| match like {
        b'0' => byte.is_ascii_digit(),
        other => byte == other,
    });
    let fraction = match rest {
        b"Z" => return alike,
        [b'.', digits @ .., b'Z'] => digits,
        _ => return false,
    };
    alike && !fraction.is_empty() && fraction.iter().all(u8::is_ascii_digit)
}

fn is_jwt(text: &str) -> bool {
    let url_safe = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(url_safe))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_more_fits_and_what_is_less_does_not() {
        let shape = json!({"id": "@text", "at": "@time?", "keys": ["@each", {"n": "@count"}]});
        assert_eq!(
            fits(
                &shape,
                &json!({"id": "1", "at": null, "keys": [{"n": 3}], "x": 1})
            ),
            Ok(())
        );
        for (value, reason) in [
            (json!({"at": null, "keys": []}), ".id: missing"),
            (json!({"id": "", "at": null, "keys": []}), ".id: not text"),
            (json!({"id": "1", "at": 5, "keys": []}), ".at: not time?"),
            (
                json!({"id": "1", "at": null, "keys": [{"n": -1}]}),
                ".keys[0].n: not count",
            ),
            (json!({"id": "1", "keys": []}), ".at: missing"),
        ] {
            assert_eq!(fits(&shape, &value), Err(reason.to_owned()));
        }
    }

    #[test]
    fn a_secret_that_must_not_come_back_is_noticed() {
        let shape = json!(["@some", {"token": "@absent"}]);
        assert_eq!(fits(&shape, &json!([])), Err(": empty".to_owned()));
        assert_eq!(
            fits(&shape, &json!([{"token": "x"}])),
            Err("[0].token: must not be there".to_owned())
        );
    }

    #[test]
    fn times_are_utc() {
        for good in ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123Z"] {
            assert!(is_utc_time(good), "{good}");
        }
        for bad in [
            "2026-01-01T00:00:00+02:00",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
        ] {
            assert!(!is_utc_time(bad), "{bad}");
        }
    }
}
