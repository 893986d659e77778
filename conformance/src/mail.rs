//! Letters that the server has sent, as a command prints them.
//! Finds a link's token or a six-digit code by what the letter is about; each is given out once.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::process::Command;

use crate::trouble::{Outcome, Trouble, wrong};

/// How long a letter may take.
const LIMIT: Duration = Duration::from_secs(20);
const BETWEEN: Duration = Duration::from_millis(150);

/// The way to the letters.
#[derive(Clone, Debug)]
pub struct Mail {
    command: Option<Arc<str>>,
    seen: Arc<Mutex<BTreeSet<String>>>,
}

impl Mail {
    /// Through a shell command that prints the letters to `$MAIL_TO`.
    pub fn by(command: Option<String>) -> Self {
        Self {
            command: command.map(Into::into),
            seen: Arc::default(),
        }
    }

    /// The token behind `token=` in a letter that mentions one of these words.
    ///
    /// # Errors
    /// `NotTried` when letters can't be read; a failure when none comes.
    pub async fn token(&self, to: &str, words: &[&str]) -> Outcome<String> {
        self.wait(to, words, token_in).await
    }

    /// Six digits in a letter that mentions one of these words.
    ///
    /// # Errors
    /// `NotTried` when letters can't be read; a failure when none comes.
    pub async fn code(&self, to: &str, words: &[&str]) -> Outcome<String> {
        self.wait(to, words, code_in).await
    }

    async fn wait(&self, to: &str, words: &[&str], find: fn(&str) -> Option<String>) -> Outcome<String> {
        let Some(command) = &self.command else {
            return Err(Trouble::NotTried("needs --mail-command".to_owned()));
        };
        let arrived = async {
            let mut tick = tokio::time::interval(BETWEEN);
            loop {
                tick.tick().await;
                let printed = print(command, to).await?;
                if let Some(found) = self.unseen(&printed, words, find) {
                    return Ok(found);
                }
            }
        };
        let none = || {
            wrong(
                &format!("a letter to {to}"),
                format!("one about {}", words.join(" or ")),
                "none",
            )
        };
        tokio::time::timeout(LIMIT, arrived)
            .await
            .unwrap_or_else(|_| Err(none()))
    }

    fn unseen(&self, printed: &str, words: &[&str], find: fn(&str) -> Option<String>) -> Option<String> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let letters = printed.split('\u{c}').map(plain);
        let about = letters.filter(|letter| words.iter().any(|word| letter.to_lowercase().contains(word)));
        let found = about
            .filter_map(|letter| find(&letter))
            .find(|found| !seen.contains(found))?;
        seen.insert(found.clone());
        Some(found)
    }
}

async fn print(command: &str, to: &str) -> Outcome<String> {
    let ran = Command::new("sh")
        .args(["-c", command])
        .env("MAIL_TO", to)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .await;
    match ran {
        Ok(output) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(error) => Err(Trouble::NotTried(format!("--mail-command: {error}"))),
    }
}

/// Quoted-printable undone.
fn plain(letter: &str) -> String {
    let joined = letter.replace("=\r\n", "").replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let coded = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let coded = coded.filter(|_| first == b'=' && tail.get(..2).is_some_and(is_upper_hex));
        bytes.push(coded.unwrap_or(first));
        rest = if coded.is_some() {
            tail.get(2..).unwrap_or_default()
        } else {
            tail
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_upper_hex(digits: &[u8]) -> bool {
    digits
        .iter()
        .all(|digit| digit.is_ascii_digit() || (b'A'..=b'F').contains(digit))
}

fn token_in(letter: &str) -> Option<String> {
    let (_, rest) = letter.split_once("token=")?;
    let is_part = |c: &char| c.is_ascii_alphanumeric() || "-_.~".contains(*c);
    let token: String = rest.chars().take_while(is_part).collect();
    let token = token.trim_end_matches('.').to_owned();
    (!token.is_empty()).then_some(token)
}

/// The first six digits that stand alone in the body; headers have numbers of their own.
fn code_in(letter: &str) -> Option<String> {
    let body = letter
        .split_once("\r\n\r\n")
        .or_else(|| letter.split_once("\n\n"))?
        .1;
    let words = body.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '#');
    let mut codes = words.filter(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()));
    codes.next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &str = "Subject: Confirm your address\r\nX-Number: 999999\r\n\r\nYour code is 123456=\r\n.\r\nOr open https://x.example/verify-email?token=3Dab_c=\r\nd12.\r\n";

    #[test]
    fn a_letter_gives_its_code_and_its_token() {
        let letter = plain(LETTER);
        assert_eq!(code_in(&letter).as_deref(), Some("123456"));
        assert_eq!(token_in(&letter).as_deref(), Some("ab_cd12"));
    }

    #[test]
    fn a_letter_about_something_else_is_passed_over_and_none_is_used_twice() {
        let mail = Mail::by(None);
        assert_eq!(mail.unseen(LETTER, &["reset"], token_in), None);
        assert!(mail.unseen(LETTER, &["reset", "confirm"], token_in).is_some());
        assert_eq!(mail.unseen(LETTER, &["confirm"], token_in), None);
    }
}
