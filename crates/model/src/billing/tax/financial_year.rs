//! India's financial year: April to March, by the clocks of India.
//! Refuses other clocks: an instant belongs to the day that it is in India.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Indian Standard Time: five and a half hours ahead, summer and winter, since 1945.
const AHEAD: i32 = 19_800;

/// Written `2026-27`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FinancialYear {
    first: i16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a financial year is written 2026-27")]
pub struct FinancialYearError;

impl FinancialYear {
    pub fn of(at: Timestamp) -> Self {
        let date = Self::day(at);
        let first = if date.month() >= 4 {
            date.year()
        } else {
            date.year() - 1
        };
        Self { first }
    }

    /// The day in India. An instant that no calendar has is its first day.
    pub fn day(at: Timestamp) -> Date {
        let offset = Offset::from_seconds(AHEAD).unwrap_or(Offset::UTC);
        let instant = jiff::Timestamp::from_microsecond(at.as_micros());
        offset
            .to_datetime(instant.unwrap_or(jiff::Timestamp::UNIX_EPOCH))
            .date()
    }

    const fn last_digits(self) -> (i16, i16) {
        (self.first.rem_euclid(100), (self.first + 1).rem_euclid(100))
    }

    /// `26-27`.
    pub fn short(self) -> String {
        let (first, second) = self.last_digits();
        format!("{first:02}-{second:02}")
    }
}

impl fmt::Display for FinancialYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.first, self.last_digits().1)
    }
}

impl FromStr for FinancialYear {
    type Err = FinancialYearError;

    fn from_str(text: &str) -> Result<Self, FinancialYearError> {
        let first = text.get(..4).filter(|_| text.len() == 7);
        let first = first
            .and_then(|digits| digits.parse().ok())
            .filter(|year| *year >= 1970);
        let year = first.map(|first| Self { first }).ok_or(FinancialYearError)?;
        if year.to_string() == text {
            Ok(year)
        } else {
            Err(FinancialYearError)
        }
    }
}

impl TryFrom<String> for FinancialYear {
    type Error = FinancialYearError;
    fn try_from(text: String) -> Result<Self, FinancialYearError> {
        text.parse()
    }
}
impl From<FinancialYear> for String {
    fn from(year: FinancialYear) -> Self {
        year.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn the_year_ends_at_midnight_in_india() {
        let year = |text| FinancialYear::of(at(text)).to_string();
        assert_eq!(year("2027-03-31T18:29:59.999999Z"), "2026-27");
        assert_eq!(year("2027-03-31T18:30:00Z"), "2027-28");
        assert_eq!(year("2026-12-31T23:00:00Z"), "2026-27");
        assert_eq!(year("2100-01-01T00:00:00Z"), "2099-00");
        assert_eq!(FinancialYear::of(at("2026-05-01T00:00:00Z")).short(), "26-27");
    }

    #[test]
    fn only_years_that_follow_each_other_are_read() {
        for good in ["2026-27", "2099-00", "1999-00"] {
            assert_eq!(good.parse::<FinancialYear>().unwrap().to_string(), good);
        }
        for wrong in ["", "2026", "2026-28", "26-27", "2026-2027", "+026-27", "२०२६"] {
            assert!(wrong.parse::<FinancialYear>().is_err(), "{wrong}");
        }
    }

    proptest! {
        /// The fixed distance is what the time zone database says.
        #[test]
        fn days_are_those_of_kolkata(seconds in 0_i64..4_102_444_800) {
            let zone = jiff::tz::TimeZone::get("Asia/Kolkata").unwrap();
            let there = jiff::Timestamp::from_second(seconds).unwrap().to_zoned(zone).date();
            prop_assert_eq!(FinancialYear::day(Timestamp::from_seconds(seconds)), there);
        }
    }
}
