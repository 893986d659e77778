//! Email addresses as account keys.
//! Refuses provider tricks: dots and plus tags are part of the address; only case and white space are normalised.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A normalised address: trimmed, NFC, lower case; at most 254 bytes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an email address")]
pub struct EmailError;

impl Email {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        if text.len() > 1024 {
            return Err(EmailError);
        }
        let normal: String = text.trim().nfc().flat_map(char::to_lowercase).collect();
        let (local, host) = normal.rsplit_once('@').ok_or(EmailError)?;
        if normal.len() > 254 || !valid_local(local) || !valid_host(host) {
            return Err(EmailError);
        }
        Ok(Self(normal))
    }
}

fn valid_local(local: &str) -> bool {
    let bad = |c: char| c.is_whitespace() || c.is_control() || "<>()[]\\,;:\"@".contains(c);
    (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && !local.contains(bad)
}

fn valid_host(host: &str) -> bool {
    host.contains('.')
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        })
}

impl TryFrom<String> for Email {
    type Error = EmailError;
    fn try_from(text: String) -> Result<Self, EmailError> {
        text.parse()
    }
}
impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}
impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// L03
    #[test]
    fn spellings_of_one_address_are_one_key() {
        let parse = |text: &str| text.parse::<Email>();
        assert_eq!(parse(" Ada@Example.ORG "), parse("ada@example.org"));
        assert_eq!(
            parse("jos\u{65}\u{301}@example.org"),
            parse("jos\u{e9}@example.org")
        );
        assert_ne!(parse("a.da@example.org"), parse("ada@example.org"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "ada",
            "@example.org",
            "ada@",
            "ada@localhost",
            "a b@example.org",
            "ada@-x.org",
            "a@b@c.org",
        ] {
            assert_eq!(text.parse::<Email>(), Err(EmailError), "{text}");
        }
    }
}
