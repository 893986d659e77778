//! What a user is found by, and what somebody typed to find them.
//! Refuses differences that nobody types: case, accents and white space do not count.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::email::Email;
use crate::username::Username;

/// Words of one field that it can be found by; those after them are found through the ones before.
const MOST_WORDS: usize = 8;
/// No term is longer, in bytes.
const LONGEST: usize = 400;

/// Lower case, without accents, each run of white space as one blank.
pub fn fold(text: &str) -> String {
    let letters: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect();
    letters.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every text a user is found by the beginning of: each field from the start of each of its words on.
pub fn terms(email: &Email, username: Option<&Username>, name: Option<&str>) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    let email = fold(email.as_str());
    // Everybody's address ends in one of a few words, so the last one finds nobody.
    let last_word = email.rfind('.').unwrap_or(email.len());
    terms.extend(from_words(&email, last_word));
    for field in [username.map(Username::as_str), name].into_iter().flatten() {
        let field = fold(field);
        terms.extend(from_words(&field, field.len()));
    }
    terms
}

fn from_words(text: &str, before: usize) -> Vec<String> {
    let mut inside = false;
    let mut starts = Vec::new();
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() && !inside && at < before {
            starts.push(at);
        }
        inside = c.is_alphanumeric();
    }
    let tails = starts.into_iter().take(MOST_WORDS).map(|at| &text[at..]);
    tails.map(|tail| cut(tail).to_owned()).collect()
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// The terms that begin with what was typed, as bytes: from the first to before the second. Nothing when no letter or
/// digit was typed.
pub fn range(typed: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let folded = fold(typed);
    let begin = folded.find(char::is_alphanumeric)?;
    let first = folded.as_bytes()[begin..].to_vec();
    let mut end = first.clone();
    // No byte of UTF-8 is 0xff, so the last one can always grow.
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    (first.len() <= LONGEST).then_some((first, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(typed: &str, terms: &BTreeSet<String>) -> bool {
        let Some((first, end)) = range(typed) else {
            return false;
        };
        let within = |term: &String| (first.as_slice()..end.as_slice()).contains(&term.as_bytes());
        terms.iter().any(within)
    }

    fn ada() -> BTreeSet<String> {
        let username = "countess_42".parse().unwrap();
        let email = "Ada.Byron+x@mail.example.org".parse().unwrap();
        terms(&email, Some(&username), Some("  \u{c1}da  King-Noel, Countess"))
    }

    #[test]
    fn beginnings_of_all_words_find_somebody() {
        for typed in [
            "a",
            "ADA.B",
            "byron",
            "x@mail",
            "@mail.example.org",
            "example.",
            "count",
            "42",
            "ada king",
            "noel",
            "A\u{301}DA",
            "King-No",
            "noel, countess",
        ] {
            assert!(finds(typed, &ada()), "{typed}");
        }
    }

    #[test]
    fn the_inside_of_a_word_and_the_last_word_of_an_address_find_nobody() {
        for typed in ["yron", "da", "org", "", " ", "@", "ada noel", "\u{10ffff}"] {
            assert!(!finds(typed, &ada()), "{typed}");
        }
    }

    #[test]
    fn long_and_many_worded_names_have_few_terms_of_bounded_length() {
        let email = "a@example.org".parse().unwrap();
        let name = "\u{fdfa} ".repeat(100);
        let terms = terms(&email, None, Some(&name));
        assert!(terms.len() <= 2 * MOST_WORDS);
        assert!(terms.iter().all(|term| term.len() <= LONGEST));
        assert_eq!(range(&"a".repeat(LONGEST + 1)), None);
    }

    proptest::proptest! {
        /// Whatever was typed and found nothing is no panic; and a whole field finds its owner.
        #[test]
        fn a_field_finds_its_owner(name in "[a-zA-Z\u{e0}-\u{ff}]{1,20}( [a-z]{1,9}){0,4}", noise in ".{0,60}") {
            let email = "x@example.org".parse().unwrap();
            let terms = terms(&email, None, Some(&name));
            proptest::prop_assert!(finds(&name, &terms));
            let _ = finds(&noise, &terms);
        }
    }
}
