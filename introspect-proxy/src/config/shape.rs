//! Turns what was read into a [`Config`], and says of every key that is unknown, missing or of the wrong type what it should be.
//! It refuses to quote values of the wrong type, which may be secret.

use super::Config;
use figment::error::{Actual, Kind};
use figment::value::{Dict, Value};
use figment::{Error, Provider};

/// More would not be read.
const MOST: usize = 30;

/// Makes a configuration of `found`; `environment` is the part of it that came from there.
///
/// # Errors
/// A sentence for each problem, beginning with the key.
pub fn read(found: Dict, environment: &impl Provider) -> Result<Config, Vec<String>> {
    let named = Value::from(found.clone());
    let variables = variables(environment);
    let mut rest = Value::from(found);
    let (mut problems, mut taken) = (Vec::new(), Vec::new());
    // The reader stops at the first problem: what is wrong is taken out, and the rest read again.
    while problems.len() < MOST {
        let error = match rest.deserialize() {
            Ok(config) if problems.is_empty() => return Ok(config),
            Ok(_) => break,
            Err(error) => error,
        };
        let place = place(&error);
        if !taken.contains(&place) {
            problems.push(sentence(&place, &error.kind, &named, &variables));
        }
        if !take_out(&mut rest, &error.path) {
            break;
        }
        taken.push(error.path);
    }
    Err(problems)
}

/// Where the problem is; of something missing, where it should be.
fn place(error: &Error) -> Vec<String> {
    let mut path = error.path.clone();
    if let Kind::MissingField(field) = &error.kind {
        path.push(field.to_string());
    }
    path
}

fn variables(environment: &impl Provider) -> Value {
    let read = environment.data().ok();
    let dict = read.and_then(|mut profiles| profiles.remove(&figment::Profile::Default));
    Value::from(dict.unwrap_or_default())
}

fn sentence(path: &[String], kind: &Kind, named: &Value, variables: &Value) -> String {
    let key = key(path, named);
    match variable(path, variables) {
        Some(variable) => format!("{key}: {} (from {variable})", reason(kind)),
        None => format!("{key}: {}", reason(kind)),
    }
}

/// `routes.orders.match` for `routes.0.match`.
fn key(path: &[String], named: &Value) -> String {
    let mut at = Some(named);
    let mut key = String::new();
    for part in path {
        let entries = at.and_then(Value::as_array);
        let entry = entries.and_then(|entries| entries.get(part.parse::<usize>().ok()?));
        let name = entry.and_then(|entry| entry.find_ref("name")?.as_str());
        match (entry, name) {
            (Some(_), None) => key.push_str(&format!("[{part}]")),
            (_, name) => {
                let dot = if key.is_empty() { "" } else { "." };
                key.push_str(&format!("{dot}{}", name.unwrap_or(part)));
            }
        }
        at = entry.or_else(|| at?.as_dict()?.get(part));
    }
    key
}

/// The variable that the value came from, when it came from one.
fn variable(path: &[String], variables: &Value) -> Option<String> {
    let depth = (1..=path.len()).rev().find(|depth| {
        let found = variables.find_ref(&path[..*depth].join("."));
        found.is_some_and(|found| found.as_dict().is_none())
    })?;
    let name = path[..depth].join("__").to_ascii_uppercase();
    Some(format!("PROXY_{name}"))
}

fn reason(kind: &Kind) -> String {
    match kind {
        Kind::UnknownField(name, known) => format!("is not a setting; {}", nearest(name, known)),
        Kind::UnknownVariant(word, known) => format!("`{word}` is none of {}", known.join(", ")),
        Kind::MissingField(_) => "is missing".to_owned(),
        Kind::DuplicateField(_) => "is there twice".to_owned(),
        Kind::InvalidType(actual, expected) | Kind::InvalidValue(actual, expected) => {
            format!("must be {}, not {}", wanted(expected), found(actual))
        }
        Kind::Message(text) if text == "invalid socket address syntax" => {
            "must be an address with a port, such as 127.0.0.1:8081".to_owned()
        }
        Kind::Message(text) => text.clone(),
        other => other.to_string(),
    }
}

fn nearest(name: &str, known: &[&'static str]) -> String {
    let close = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, _)| *distance <= 1 + name.len() / 4)
        .min_by_key(|(distance, _)| *distance);
    match close {
        Some((_, known)) => format!("did you mean `{known}`?"),
        None => format!("there are {}", known.join(", ")),
    }
}

fn wanted(expected: &str) -> &str {
    match expected {
        "a string" | "path string" => "text in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a table",
        "socket address" => "an address with a port, such as \"127.0.0.1:8081\"",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "f64" => "a number",
        other if other.starts_with("struct ") => "a table",
        other => other,
    }
}

fn found(actual: &Actual) -> &'static str {
    match actual {
        Actual::Bool(_) => "true or false",
        Actual::Unsigned(_) | Actual::Signed(_) => "this number",
        Actual::Float(_) => "a fraction",
        Actual::Seq => "a list",
        Actual::Map => "a table",
        _ => "this text",
    }
}

/// Takes the value at `path` out; tells whether there was one.
fn take_out(value: &mut Value, path: &[String]) -> bool {
    let Some((last, above)) = path.split_last() else {
        return false;
    };
    let mut at = value;
    for part in above {
        let next = match at {
            Value::Dict(_, inner) => inner.get_mut(part),
            Value::Array(_, entries) => part
                .parse::<usize>()
                .ok()
                .and_then(|index| entries.get_mut(index)),
            _ => None,
        };
        let Some(next) = next else { return false };
        at = next;
    }
    match at {
        Value::Dict(_, inner) => inner.remove(last).is_some(),
        // An entry of a list stays where it is, or its followers would get its number: the list goes as a whole.
        Value::Array(_, entries) => !std::mem::take(entries).is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    const MINIMAL: &str = "listeners = [{ name = \"public\", listen = \"127.0.0.1:0\" }]\n\
        authorization_server = { issuer = \"http://127.0.0.1:8080\", client_id = \"edge\", client_secret = \"0123456789abcdef\" }\n";

    fn said(lines: &str) -> String {
        let refused = parse(&format!("{MINIMAL}{lines}")).err();
        refused.map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn a_key_with_a_slip_is_told_with_the_one_that_was_meant() {
        let route = "[[routes]]\nname = \"orders\"\nmatch = { path = \"/a\" }\nrequire = {}\nobserv = true";
        assert_eq!(
            said(route),
            "routes.orders.observ: is not a setting; did you mean `observe`?"
        );
        assert!(
            said("[queue]").starts_with("queue: is not a setting; there are authorization_server, cache,")
        );
    }

    #[test]
    fn every_key_of_the_wrong_shape_is_told_at_once() {
        let lines = "[cache]\nttl = 60\nmax_entires = 1\n[limits]\nheader_bytes = \"many\"\n[log]\nformat = \"xml\"\n\
            [admin]\nlisten = \"localhost:9091\"";
        assert_eq!(
            said(lines).lines().collect::<Vec<_>>(),
            [
                "admin.listen: must be an address with a port, such as 127.0.0.1:8081",
                "cache.max_entires: is not a setting; did you mean `max_entries`?",
                "cache.ttl: must be a duration such as 500ms, 2s or 5m, not this number",
                "limits.header_bytes: must be a whole number, not this text",
                "log.format: `xml` is none of pretty, json",
            ]
        );
    }

    #[test]
    fn what_was_wrong_is_not_told_as_missing_too() {
        let route =
            "[[routes]]\nname = \"orders\"\nmatch = 5\nrequire = { anonymous = true }\n[log]\nacess = true";
        assert_eq!(
            said(route).lines().collect::<Vec<_>>(),
            [
                "log.acess: is not a setting; did you mean `access`?",
                "routes.orders.match: must be a table, not this number",
            ]
        );
    }

    #[test]
    fn what_is_missing_is_told_with_the_entry_it_is_missing_in() {
        assert_eq!(
            said("[[routes]]\nname = \"orders\"\nmatch = { path = \"/a\" }"),
            "routes.orders.require: is missing"
        );
        assert_eq!(said("[[routes]]\nupstream = \"a\""), "routes[0].name: is missing");
    }

    #[test]
    fn a_secret_of_the_wrong_type_or_on_a_broken_line_is_not_quoted() {
        for lines in [
            "[shared_limits]\nurl = 20151114\nproxies = 1",
            "[x]\ny = \"20151114",
        ] {
            let said = said(lines);
            assert!(!said.is_empty() && !said.contains("20151114"), "{said}");
        }
    }
}
