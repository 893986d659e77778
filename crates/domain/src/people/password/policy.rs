//! Which new passwords are accepted: long enough and not easy to guess (NIST SP 800-63B-4 §3.1.1.2).
//! Refuses composition rules: no character has to be there, and none is forbidden.

use model::password::Password;
use zxcvbn::matching::patterns::MatchPattern;
use zxcvbn::{Entropy, Score};

/// Fewest code points of a word that is held against a password.
const SHORTEST_WORD: usize = 3;
/// Most words that are held against a password.
const MOST_WORDS: usize = 32;

/// Words an attacker would try first on this account: its names, and the product's.
#[derive(Clone, Default)]
pub struct Context(Vec<String>);

impl Context {
    /// Takes each text whole and each of its words.
    #[must_use]
    pub fn with(mut self, text: &str) -> Self {
        let words = text.split(|c: char| !c.is_alphanumeric());
        let known = std::iter::once(text)
            .chain(words)
            .filter(|word| word.chars().count() >= SHORTEST_WORD);
        for word in known.map(|word| word.chars().take(100).collect::<String>().to_lowercase()) {
            if self.0.len() < MOST_WORDS && !self.0.contains(&word) {
                self.0.push(word);
            }
        }
        self
    }
}

/// Why a new password is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PasswordProblem {
    #[error("the password needs at least {minimum} characters")]
    TooShort { minimum: usize },
    #[error("the password is longer than {} bytes", model::password::MAX_BYTES)]
    TooLong,
    #[error("the password is easy to guess")]
    Guessable {
        /// What makes it so, as a sentence; when that is known.
        warning: Option<String>,
        /// How to do better, as sentences.
        suggestions: Vec<String>,
    },
}

pub(super) fn judge(password: &Password, context: &Context, minimum: usize) -> Result<(), PasswordProblem> {
    if password.characters() < minimum {
        return Err(PasswordProblem::TooShort { minimum });
    }
    let words: Vec<&str> = context.0.iter().map(String::as_str).collect();
    // Looks at the first 100 characters only, so its cost is bounded.
    let estimate = zxcvbn::zxcvbn(password.expose(), &words);
    if estimate.score() < Score::Two || is_one_known_word(&estimate) {
        return Err(guessable(&estimate));
    }
    Ok(())
}

fn is_one_known_word(estimate: &Entropy) -> bool {
    matches!(estimate.sequence(), [only] if matches!(only.pattern, MatchPattern::Dictionary(_)))
}

fn guessable(estimate: &Entropy) -> PasswordProblem {
    let feedback = estimate.feedback();
    PasswordProblem::Guessable {
        warning: feedback
            .and_then(zxcvbn::feedback::Feedback::warning)
            .map(|warning| warning.to_string()),
        suggestions: feedback.map_or_else(Vec::new, |feedback| {
            feedback.suggestions().iter().map(ToString::to_string).collect()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Result<(), PasswordProblem> {
        let context = Context::default()
            .with("ada.lovelace@example.org")
            .with("Analytical Engines");
        judge(&Password::new(text).unwrap(), &context, 8)
    }

    /// L06: one below, at, and above the length; spaces, emoji and any script are welcome.
    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(verdict("kq9#Tz!"), Err(PasswordProblem::TooShort { minimum: 8 }));
        assert_eq!(
            verdict("\u{1f98a}\u{1f680}\u{1f335}"),
            Err(PasswordProblem::TooShort { minimum: 8 })
        );
        for accepted in [
            "kq9#Tz!w",
            "vexing plum orbit",
            "\u{1f98a}\u{1f680}\u{1f335}\u{1f3b2}\u{1f9ca}\u{1f6f6}\u{1f3bb}\u{1f9ed}",
        ] {
            assert_eq!(verdict(accepted), Ok(()), "{accepted}");
        }
        for length in [64, 200, 1024] {
            assert_eq!(
                verdict(&"quilt tangent ".repeat(80)[..length]),
                Ok(()),
                "{length}"
            );
        }
    }

    /// L06
    #[test]
    fn what_everybody_tries_is_refused_with_a_reason() {
        for text in [
            "password",
            "12345678",
            "qwertyuiop",
            "sunshine",
            "iloveyou",
            "trustno1",
            "P@ssw0rd",
            "aaaaaaaaaaaa",
        ] {
            let Err(PasswordProblem::Guessable { warning, suggestions }) = verdict(text) else {
                panic!("{text}")
            };
            assert!(warning.is_some() || !suggestions.is_empty(), "{text}");
        }
    }

    /// L06: words of the account and the product.
    #[test]
    fn own_and_product_words_are_refused() {
        for text in [
            "lovelace",
            "ada.lovelace@example.org",
            "Analytical",
            "analytical engines",
            "lovelace1",
        ] {
            assert!(
                matches!(verdict(text), Err(PasswordProblem::Guessable { .. })),
                "{text}"
            );
        }
    }

    /// L06: no composition rule.
    #[test]
    fn plain_lower_case_is_enough() {
        assert_eq!(verdict("gravelmintoperetta"), Ok(()));
    }
}
