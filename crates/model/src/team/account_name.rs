//! What an account is called; it stands in mails to people who have never heard of it.
//! Refuses what would not be one short line of words: control and direction marks, and addresses that mail programs turn into links.

use std::fmt;
use std::str::FromStr;

/// In characters.
const LONGEST: usize = 64;

/// One line of 1 to 64 characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountName(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one line of 1 to 64 characters, without links")]
pub struct AccountNameError;

impl AccountName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountName {
    type Err = AccountNameError;

    fn from_str(text: &str) -> Result<Self, AccountNameError> {
        if text.len() > 8 * LONGEST {
            return Err(AccountNameError);
        }
        let name = text.trim();
        let fits = (1..=LONGEST).contains(&name.chars().count());
        if !fits || name.chars().any(is_invisible) || looks_like_link(name) {
            return Err(AccountNameError);
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Controls, line ends, and what turns or hides the text around it.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{061c}')
}

fn looks_like_link(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower.contains("//") || lower.contains("www.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_as_they_are() {
        for name in [
            "Acme",
            "Müller & Söhne GmbH",
            "日本 2",
            "<b>bold</b>",
            "acme.example",
        ] {
            assert_eq!(name.parse::<AccountName>().unwrap().as_str(), name);
        }
        assert_eq!(" Acme ".parse::<AccountName>().unwrap().as_str(), "Acme");
    }

    /// S04
    #[test]
    fn what_would_change_a_letter_is_refused() {
        let long = "x".repeat(65);
        for name in [
            "",
            " ",
            "a\r\nBcc: eve@example.org",
            "a\u{202e}b",
            "a\u{200b}b",
            "Win: https://evil.example",
            "see WWW.evil.example",
            long.as_str(),
        ] {
            assert_eq!(name.parse::<AccountName>(), Err(AccountNameError), "{name:?}");
        }
    }
}
