//! Turns what was read into a [`Config`], and says of every key that is unknown, missing or of the wrong type what it should be.
//! Refuses to quote values of the wrong type, which may be secret.

use figment::{
    Error,
    error::{Actual, Kind},
    value::{Dict, Value},
};

use super::{Config, ConfigError, Problems, schema};

/// More would not be read.
const MOST: usize = 30;

/// Makes a configuration of what was found.
pub(super) fn read(found: &Dict) -> Result<Config, ConfigError> {
    let mut problems = Problems::default();
    let whole = Value::from(found.clone());
    unknown_keys(&whole, &schema::root(), "", &mut problems);
    problems.into_result()?;
    let mut problems = Problems::default();
    let (mut rest, mut taken) = (whole.clone(), Vec::new());
    // The reader stops at the first problem: what is wrong is taken out, and the rest read again.
    while taken.len() < MOST {
        let error = match rest.deserialize() {
            Ok(config) if taken.is_empty() => return Ok(config),
            Ok(_) => break,
            Err(error) => error,
        };
        let place = place(&error);
        if !taken.contains(&place) {
            problems.add(key(&place, &whole), reason(&error.kind));
        }
        if !take_out(&mut rest, &error.path) {
            break;
        }
        taken.push(error.path);
    }
    Err(problems.into_error())
}

/// Where the problem is; of something missing, where it should be.
fn place(error: &Error) -> Vec<String> {
    let mut path = error.path.clone();
    if let Kind::MissingField(field) = &error.kind {
        path.push(field.to_string());
    }
    path
}

fn unknown_keys(found: &Value, node: &serde_json::Value, prefix: &str, problems: &mut Problems) {
    if let (Value::Array(_, entries), Some(entry)) = (found, schema::entry(node)) {
        let prefix = prefix.trim_end_matches('.');
        for (index, inner) in entries.iter().enumerate() {
            unknown_keys(
                inner,
                entry,
                &format!("{prefix}{}.", label(inner, index)),
                problems,
            );
        }
    }
    let (Value::Dict(_, found), Some(known)) = (found, schema::properties(node)) else {
        return;
    };
    for (name, value) in found {
        match known.get(name) {
            Some(child) => unknown_keys(value, child, &format!("{prefix}{name}."), problems),
            None => problems.add(
                format!("{prefix}{name}"),
                format!(
                    "is not a setting; {}",
                    nearest(name, known.keys().map(String::as_str))
                ),
            ),
        }
    }
}

/// What an entry of a list is called: its id or its name, else its number.
fn label(entry: &Value, index: usize) -> String {
    let word = ["id", "name"]
        .iter()
        .find_map(|key| entry.find_ref(key)?.as_str());
    match word {
        Some(word) => format!(".{word}"),
        None => format!("[{index}]"),
    }
}

/// `clients.shop.grant_types[0]` for `clients.0.grant_types.0`.
fn key(path: &[String], whole: &Value) -> String {
    let mut at = Some(whole);
    let mut key = String::new();
    for part in path {
        let index = part.parse::<usize>().ok();
        let entry = index.and_then(|index| Some((index, at?.as_array()?.get(index)?)));
        match entry {
            Some((index, entry)) => key.push_str(&label(entry, index)),
            None => key.push_str(&format!(".{part}")),
        }
        at = match entry {
            Some((_, entry)) => Some(entry),
            None => at.and_then(|at| at.as_dict()?.get(part)),
        };
    }
    key.trim_start_matches('.').to_owned()
}

fn reason(kind: &Kind) -> String {
    match kind {
        Kind::UnknownField(name, known) => {
            format!(
                "`{name}` is not a setting; {}",
                nearest(name, known.iter().copied())
            )
        }
        Kind::UnknownVariant(word, known) => format!("`{word}` is none of {}", known.join(", ")),
        Kind::MissingField(_) => "is missing".to_owned(),
        Kind::InvalidType(actual, expected) | Kind::InvalidValue(actual, expected) => {
            format!("must be {}, not {}", wanted(expected), found(actual))
        }
        Kind::Message(text) if text == "invalid socket address syntax" => {
            format!("must be {ADDRESS}")
        }
        other => other.to_string(),
    }
}

const ADDRESS: &str = "an address with a port, such as \"127.0.0.1:8080\"";

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let close = known
        .clone()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, _)| *distance <= 1 + name.len() / 4)
        .min_by_key(|(distance, _)| *distance);
    match close {
        Some((_, known)) => format!("did you mean `{known}`?"),
        None => format!("there are {}", known.collect::<Vec<_>>().join(", ")),
    }
}

fn wanted(expected: &str) -> &str {
    match expected {
        "a string" | "path string" => "text in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a table",
        "socket address" => ADDRESS,
        "f64" => "a number",
        other if other.starts_with("struct ") => "a table",
        other if other.trim_start_matches(['u', 'i']).parse::<u8>().is_ok() || other == "usize" => {
            "a whole number"
        }
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
