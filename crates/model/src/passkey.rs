//! Passkeys (WebAuthn credentials) of a user, and how long a ceremony with one may take.
//! Refuses to know what is inside the credential; a name is made acceptable instead of being sent back.

use std::fmt;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::id::{PasskeyId, UserId};

/// From the page with the challenge until its answer.
pub const CEREMONY_TTL: Duration = Duration::from_secs(5 * 60);
/// How many a user may have.
pub const MOST_PASSKEYS: usize = 20;
/// In characters.
const LONGEST_NAME: usize = 60;

/// One passkey as it is stored.
#[derive(Clone)]
pub struct Passkey {
    pub id: PasskeyId,
    pub user_id: UserId,
    /// What the authenticator calls it.
    pub credential_id: Vec<u8>,
    pub name: PasskeyName,
    /// Public key, counter and flags as JSON.
    pub data: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// What its owner calls it: one line of 1 to 60 characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PasskeyName(String);

impl PasskeyName {
    /// One line out of whatever was typed; a plain word when nothing is left of it.
    pub fn tidy(text: &str) -> Self {
        let printable = |c: char| if c.is_control() { ' ' } else { c };
        let line: String = text.chars().take(4 * LONGEST_NAME).map(printable).collect();
        let words: Vec<&str> = line.split_whitespace().collect();
        let short: String = words.join(" ").chars().take(LONGEST_NAME).collect();
        match short.trim() {
            "" => Self("Passkey".to_owned()),
            name => Self(name.to_owned()),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PasskeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_short_line() {
        for (typed, name) in [
            ("  my\tphone \n", "my phone"),
            ("", "Passkey"),
            ("\u{7}\r\n", "Passkey"),
            ("Schlüssel", "Schlüssel"),
        ] {
            assert_eq!(PasskeyName::tidy(typed).as_str(), name);
        }
        let long = PasskeyName::tidy(&"x".repeat(1000));
        assert_eq!(long.as_str().len(), LONGEST_NAME);
        assert_eq!(PasskeyName::tidy(long.as_str()), long);
    }
}
