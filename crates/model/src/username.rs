//! User names.
//! Refuses look-alikes: ASCII letters, digits, `.`, `_`, `-`; compared without case.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A normalised name: 2 to 39 characters, lower case, begins and ends with a letter or digit; never an email address.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a user name has 2 to 39 letters, digits, dots, dashes or underscores, and begins and ends with a letter or digit"
)]
pub struct UsernameError;

impl Username {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Username {
    type Err = UsernameError;

    fn from_str(text: &str) -> Result<Self, UsernameError> {
        let name = text.trim();
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let valid = (2..=39).contains(&name.len())
            && name.bytes().all(inner)
            && edge(name.bytes().next())
            && edge(name.bytes().next_back());
        if valid {
            Ok(Self(name.to_ascii_lowercase()))
        } else {
            Err(UsernameError)
        }
    }
}

impl TryFrom<String> for Username {
    type Error = UsernameError;
    fn try_from(text: String) -> Result<Self, UsernameError> {
        text.parse()
    }
}
impl From<Username> for String {
    fn from(name: Username) -> Self {
        name.0
    }
}
impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_padding_do_not_make_another_name() {
        assert_eq!(" Ada.L ".parse::<Username>(), "ada.l".parse());
    }

    #[test]
    fn what_could_deceive_is_refused() {
        for text in [
            "a",
            "-ada",
            "ada.",
            "ada@example.org",
            "\u{430}da",
            "a b",
            &"a".repeat(40),
        ] {
            assert_eq!(text.parse::<Username>(), Err(UsernameError), "{text}");
        }
    }
}
