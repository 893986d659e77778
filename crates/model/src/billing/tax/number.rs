//! Numbers of documents: `INV/26-27/000001`.
//! Refuses more than the sixteen letters, digits, dashes and slashes that the law allows (CGST Rules, 46(b), 53(1A)(c)).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::FinancialYear;

const LONGEST: usize = 16;
/// Digits of the first numbers of a year.
const FEWEST: usize = 6;
const LETTERS: i64 = 26;

/// What the numbers of a series begin with: one to three letters and digits.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Prefix(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one to three capital letters and digits: a number has sixteen characters at most")]
pub struct PrefixError;

/// The series is used up for this year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the series has no more numbers this year: choose another prefix")]
pub struct NumberError;

impl Prefix {
    /// Of invoices, when the operator chooses none.
    pub fn of_invoices() -> Self {
        Self("INV".to_owned())
    }

    /// Of credit notes, when the operator chooses none.
    pub fn of_credit_notes() -> Self {
        Self("CRN".to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let good = (1..=3).contains(&text.len()) && text.bytes().all(allowed);
        good.then(|| Self(text.to_owned())).ok_or(PrefixError)
    }
}

impl TryFrom<String> for Prefix {
    type Error = PrefixError;
    fn try_from(text: String) -> Result<Self, PrefixError> {
        text.parse()
    }
}
impl From<Prefix> for String {
    fn from(prefix: Prefix) -> Self {
        prefix.0
    }
}
impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The `count`th of its series, from 1: consecutive, and each once.
///
/// When the digits are used up a series of letters follows, and then the next: `INV/26-27/999999`, `…/A00001` to `…/Z99999`,
/// `…/AA0001` and so on. The law allows several series, each consecutive in itself.
///
/// # Errors
/// No number is left: with three letters in front that is after 180 millions in a year.
pub fn document_number(prefix: &Prefix, year: FinancialYear, count: i64) -> Result<String, NumberError> {
    let before = format!("{prefix}/{}/", year.short());
    let serial = serial(LONGEST.saturating_sub(before.len()), count).ok_or(NumberError)?;
    Ok(before + &serial)
}

/// As digits, at least six; beyond them in series of as many letters as it takes, at the full width.
fn serial(width: usize, count: i64) -> Option<String> {
    let mut place = count.checked_sub(1).filter(|place| *place >= 0)?;
    for letters in 0..width {
        let each = 10_i64.checked_pow(u32::try_from(width - letters).ok()?)? - 1;
        let series = LETTERS.checked_pow(u32::try_from(letters).ok()?)?;
        let all = each.checked_mul(series)?;
        if place < all {
            let digits = if letters == 0 { FEWEST } else { width - letters };
            let number = place % each + 1;
            return Some(format!("{}{number:0digits$}", spelled(place / each, letters)));
        }
        place -= all;
    }
    None
}

/// In so many letters, `A` for nought.
fn spelled(mut number: i64, letters: usize) -> String {
    let mut spelled = vec!['A'; letters];
    for letter in spelled.iter_mut().rev() {
        *letter = char::from(b'A' + u8::try_from(number % LETTERS).unwrap_or(0));
        number /= LETTERS;
    }
    spelled.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_as_long_as_the_law_allows_and_no_longer() {
        let (prefix, year) = ("INV".parse().unwrap(), "2026-27".parse().unwrap());
        assert_eq!(document_number(&prefix, year, 1).unwrap(), "INV/26-27/000001");
        assert_eq!(document_number(&prefix, year, 999_999).unwrap().len(), 16);
        assert_eq!(document_number(&prefix, year, 0), Err(NumberError));
        assert_eq!(document_number(&prefix, year, i64::MIN), Err(NumberError));
        assert_eq!(document_number(&prefix, year, i64::MAX), Err(NumberError));
        for wrong in ["", "ABCD", "ab", "A/", "A B", "Ä"] {
            assert!(wrong.parse::<Prefix>().is_err(), "{wrong}");
        }
    }

    fn numbered(prefix: &str, count: i64) -> Option<String> {
        let (prefix, year) = (prefix.parse().unwrap(), "2026-27".parse().unwrap());
        document_number(&prefix, year, count).ok()
    }

    #[test]
    fn after_the_millionth_it_goes_on_in_letters() {
        let all = 999_999;
        for (count, number) in [
            (all, "INV/26-27/999999"),
            (all + 1, "INV/26-27/A00001"),
            (all + 2, "INV/26-27/A00002"),
            (all + 99_999, "INV/26-27/A99999"),
            (all + 100_000, "INV/26-27/B00001"),
            (all + 26 * 99_999, "INV/26-27/Z99999"),
            (all + 26 * 99_999 + 1, "INV/26-27/AA0001"),
            (all + 26 * 99_999 + 9_999 + 1, "INV/26-27/AB0001"),
            (all + 26 * 99_999 + 676 * 9_999, "INV/26-27/ZZ9999"),
            (all + 26 * 99_999 + 676 * 9_999 + 1, "INV/26-27/AAA001"),
        ] {
            assert_eq!(numbered("INV", count).as_deref(), Some(number), "{count}");
        }
        assert_eq!(numbered("I", 1).as_deref(), Some("I/26-27/000001"));
        assert_eq!(numbered("I", 99_999_999).as_deref(), Some("I/26-27/99999999"));
        assert_eq!(numbered("I", 100_000_000).as_deref(), Some("I/26-27/A0000001"));
    }

    #[test]
    fn the_last_number_of_a_year_is_told_from_none() {
        let last = (0..6_u32).map(|letters| 26_i64.pow(letters) * (10_i64.pow(6 - letters) - 1));
        let last: i64 = last.sum();
        assert!(last > 180_000_000, "{last}");
        assert_eq!(numbered("INV", last).as_deref(), Some("INV/26-27/ZZZZZ9"));
        assert_eq!(numbered("INV", last + 1), None);
    }

    proptest! {
        #[test]
        fn no_two_counts_have_one_number_and_none_is_too_long(
            prefix in "[A-Z0-9]{1,3}", one in 1..180_000_000_i64, step in 1..2_000_000_i64,
        ) {
            let other = (one - step).max(1);
            let (first, second) = (numbered(&prefix, one).unwrap(), numbered(&prefix, other).unwrap());
            prop_assert!(first.len() <= 16 && second.len() <= 16);
            prop_assert_eq!(first == second, one == other);
            prop_assert!(first.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-".contains(&byte)));
        }
    }
}
