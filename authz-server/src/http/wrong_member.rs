//! Which member of a JSON body is wrong, and what it should be, in words for whoever wrote the program.
//! Refuses to repeat what was sent, which may be a secret.

use serde_path_to_error::Error;

/// The member, as `reports[2].quantity`, and what is required of it; `.` names the whole body.
pub fn named(error: &Error<serde_json::Error>) -> (String, String) {
    let said = error.inner().to_string();
    let path = error.path().to_string();
    let below = |name: &str| match path.as_str() {
        "." => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    for (beginning, reason) in [
        ("missing field `", "is required"),
        ("duplicate field `", "appears twice"),
    ] {
        let named = said
            .strip_prefix(beginning)
            .and_then(|rest| rest.split('`').next());
        if let Some(name) = named {
            return (below(name), reason.to_owned());
        }
    }
    let reason = reason(&said);
    (path, reason)
}

/// What was expected; never what was sent.
fn reason(said: &str) -> String {
    let expected = said.rsplit_once(", expected ").map(|(_, expected)| expected);
    let expected = expected.and_then(|text| text.split(" at line ").next());
    match expected {
        // `1.5`, `"5"` and what no counter holds are all no such number.
        Some("i64" | "i32") => "must be a whole number".to_owned(),
        Some("u64" | "u32" | "u16" | "u8") => "must be a whole number, not below zero".to_owned(),
        Some(expected) => format!("must be {expected}"),
        None => "has a value that is not understood".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize, Debug)]
    #[expect(dead_code, reason = "only its reading is tried")]
    struct Wanted {
        reports: Vec<One>,
    }

    #[derive(Deserialize, Debug)]
    #[expect(dead_code, reason = "only its reading is tried")]
    struct One {
        quantity: i64,
    }

    fn wrong(body: &str) -> (String, String) {
        let mut document = serde_json::Deserializer::from_str(body);
        named(&serde_path_to_error::deserialize::<_, Wanted>(&mut document).unwrap_err())
    }

    #[test]
    fn a_member_deep_inside_is_named_with_its_place() {
        for quantity in ["1.5", "\"5\"", "99999999999999999999", "1e3", "true", "{}"] {
            let said = wrong(&format!(
                r#"{{"reports":[{{"quantity":1}},{{"quantity":{quantity}}}]}}"#
            ));
            let due = ("reports[1].quantity", "must be a whole number");
            assert_eq!((said.0.as_str(), said.1.as_str()), due, "{quantity}");
        }
        let said = wrong(r#"{"reports":[{}]}"#);
        assert_eq!(said, ("reports[0].quantity".to_owned(), "is required".to_owned()));
    }
}
