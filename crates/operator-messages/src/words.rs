//! What a reader of configurations says, in words that are not about Rust.

use figment::error::{Actual, Kind};

const ADDRESS: &str = "an address with a port, such as \"127.0.0.1:8080\"";

const NETWORK: &str = "a network, such as \"10.0.0.0/8\"; one address is \"10.0.0.2/32\"";

/// What to write instead of `name`: the setting that was probably meant, or all there are.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
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

/// What is wrong, and what would be right. A word that an enumeration does not know is quoted, a value of another type is not.
pub(crate) fn reason(kind: &Kind) -> String {
    match kind {
        Kind::UnknownField(name, known) => {
            format!("is not a setting; {}", nearest(name, known.iter().copied()))
        }
        Kind::UnknownVariant(word, known) => format!("`{word}` is none of {}", known.join(", ")),
        Kind::MissingField(_) => "is missing".to_owned(),
        Kind::DuplicateField(_) => "is there twice".to_owned(),
        Kind::InvalidType(actual, expected) | Kind::InvalidValue(actual, expected) => {
            format!("must be {}, not {}", wanted(expected), found(actual))
        }
        Kind::Message(text) if text == "invalid socket address syntax" => format!("must be {ADDRESS}"),
        // What the reader of networks says of an address, too.
        Kind::Message(text) if text == "invalid IP address syntax" => format!("must be {NETWORK}"),
        other => other.to_string(),
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
