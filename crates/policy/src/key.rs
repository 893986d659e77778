//! The keys a request's context may have, and so the variables a document may name.
//! Refuses to know keys of `iam:`, `token:` and `request:` that the server does not fill.

/// A key that the server defines.
#[derive(Debug, Clone, Copy)]
pub struct KeyFact {
    /// The name, as documents write it; case does not matter.
    pub name: &'static str,
    /// Whether it may have several values; such a key is no variable.
    pub several: bool,
    /// Whether a service that asks may say it; the others only the server knows.
    pub told: bool,
    /// What it says.
    pub meaning: &'static str,
}

const fn known(name: &'static str, meaning: &'static str) -> KeyFact {
    KeyFact {
        name,
        several: false,
        told: false,
        meaning,
    }
}

const fn several(name: &'static str, meaning: &'static str) -> KeyFact {
    KeyFact {
        several: true,
        ..known(name, meaning)
    }
}

const fn told(name: &'static str, meaning: &'static str) -> KeyFact {
    KeyFact {
        told: true,
        ..known(name, meaning)
    }
}

/// The keys the server defines.
pub const KEYS: &[KeyFact] = &[
    known(
        "iam:username",
        "the name of the IAM user; of a person the username, where there is one",
    ),
    known("iam:userid", "the id of the caller"),
    known("iam:account_id", "the account the request acts in, 12 digits"),
    known("iam:principal_arn", "the ARN of the caller"),
    known("iam:principal_type", "`root`, `iam` or `member`"),
    several("iam:groups", "the names of the IAM user's groups"),
    known("iam:mfa", "`true` where the caller proved a second factor"),
    known(
        "iam:mfa_age",
        "how many seconds ago the caller signed in with a second factor",
    ),
    known("token:client_id", "the client the token was issued to"),
    several("token:scope", "the scopes of the token"),
    known("token:issued_at", "when the token was issued"),
    told("request:ip", "the address the request came from"),
    told("request:method", "the HTTP method, in upper case"),
    told("request:host", "the host that was asked"),
    told("request:path", "the path that was asked"),
    told("request:user_agent", "the `User-Agent` of the request"),
    known("request:time", "when the decision is made"),
];

/// The prefixes whose keys are all in [`KEYS`].
pub const RESERVED_PREFIXES: [&str; 3] = ["iam:", "token:", "request:"];

const MAX_KEY_CHARS: usize = 128;

/// The fact about a key, whatever its case.
pub fn known_key(name: &str) -> Option<&'static KeyFact> {
    KEYS.iter().find(|key| key.name.eq_ignore_ascii_case(name))
}

/// Whether a service that asks may say this key: the keys `told`, and all outside of the reserved prefixes.
pub fn may_be_told(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    match known_key(name) {
        Some(key) => key.told,
        None => shape(name).is_ok() && !RESERVED_PREFIXES.iter().any(|one| lower.starts_with(one)),
    }
}

/// The key of a condition in lower case.
pub(crate) fn condition(name: &str) -> Result<String, String> {
    shape(name)?;
    let lower = name.to_ascii_lowercase();
    let reserved = RESERVED_PREFIXES.iter().any(|one| lower.starts_with(one));
    if reserved && known_key(name).is_none() {
        return Err(unknown());
    }
    Ok(lower)
}

/// The key of a variable in lower case.
pub(crate) fn variable(name: &str) -> Result<String, String> {
    let key = condition(name)
        .map_err(|reason| format!("variable `${{{}}}`: {reason}", crate::grammar::shown(name)))?;
    match known_key(&key) {
        Some(fact) if fact.several => Err(format!(
            "`{}` may have several values, so it is no variable",
            fact.name
        )),
        _ => Ok(key),
    }
}

fn shape(name: &str) -> Result<(), String> {
    let fits = |one: u8| one.is_ascii_alphanumeric() || b"_-./".contains(&one);
    let parts = name.split_once(':');
    let good = parts.is_some_and(|(prefix, rest)| {
        !prefix.is_empty()
            && !rest.is_empty()
            && prefix.bytes().all(fits)
            && rest.bytes().all(|one| fits(one) || one == b':')
    });
    if good && name.len() <= MAX_KEY_CHARS {
        Ok(())
    } else {
        Err("a key is written as `prefix:name`, at most 128 letters, digits and `_-./`".to_owned())
    }
}

fn unknown() -> String {
    let names: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    format!(
        "no such key; those of `iam:`, `token:` and `request:` are {}",
        names.join(", ")
    )
}
