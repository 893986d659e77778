//! A configured secret.
//! Cannot be printed, compared or written out; `expose` is the one way to its text.

use serde::{Deserialize, Serializer};
use zeroize::Zeroizing;

/// Secret text from the configuration, wiped from memory when dropped.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Secret(Zeroizing<String>);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl Secret {
    /// Wraps text that must not be shown.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// What stands in the place of a secret wherever a configuration is shown.
pub(super) const REDACTED: &str = "[redacted]";

pub(super) fn redacted<S: Serializer>(secret: &Option<Secret>, out: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(_) => out.serialize_some(REDACTED),
        None => out.serialize_none(),
    }
}

pub(super) fn all_redacted<S: Serializer>(secrets: &[Secret], out: S) -> Result<S::Ok, S::Error> {
    out.collect_seq(secrets.iter().map(|_| REDACTED))
}

const WELL_KNOWN: [&str; 12] = [
    "secret",
    "changeme",
    "change-me",
    "change_me",
    "password",
    "default",
    "example",
    "insecure",
    "test",
    "demo",
    "admin",
    "replace",
];

/// Why a shared secret is too easy to guess, if it is.
pub(super) fn weakness(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    let mut distinct: Vec<char> = text.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if WELL_KNOWN
        .iter()
        .any(|word| lower.starts_with(word) && text.len() < word.len() + 16)
    {
        return Some("looks like a default secret; generate a random one");
    }
    if text.len() < 24 || distinct.len() < 8 {
        return Some("is too weak: at least 24 random characters are needed");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::weakness;

    /// A07: a default or short secret is called by its name.
    #[test]
    fn default_and_short_secrets_are_weak() {
        for weak in [
            "secret",
            "changeme",
            "changeme-please-now",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "3f9Kq2Zx",
        ] {
            assert!(weakness(weak).is_some(), "{weak}");
        }
        assert_eq!(weakness("q7Jt0uY5cVb2nW9xZr4LmKd8"), None);
    }
}
