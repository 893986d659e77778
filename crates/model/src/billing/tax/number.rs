//! Numbers of documents: `INV/26-27/000001`.
//! Refuses more than the sixteen letters, digits, dashes and slashes that the law allows (CGST Rules, 46(b), 53(1A)(c)).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::FinancialYear;

const LONGEST: usize = 16;

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

/// The `count`th of its series, from 1.
///
/// # Errors
/// More than sixteen characters: with three letters that is the millionth of a year.
pub fn document_number(prefix: &Prefix, year: FinancialYear, count: i64) -> Result<String, NumberError> {
    let number = format!("{prefix}/{}/{count:06}", year.short());
    if number.len() > LONGEST || count < 1 {
        Err(NumberError)
    } else {
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_long_as_the_law_allows_and_no_longer() {
        let (prefix, year) = ("INV".parse().unwrap(), "2026-27".parse().unwrap());
        assert_eq!(document_number(&prefix, year, 1).unwrap(), "INV/26-27/000001");
        assert_eq!(document_number(&prefix, year, 999_999).unwrap().len(), 16);
        assert_eq!(document_number(&prefix, year, 1_000_000), Err(NumberError));
        assert_eq!(document_number(&prefix, year, 0), Err(NumberError));
        for wrong in ["", "ABCD", "ab", "A/", "A B", "Ä"] {
            assert!(wrong.parse::<Prefix>().is_err(), "{wrong}");
        }
    }
}
