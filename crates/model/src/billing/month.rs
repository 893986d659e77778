//! The spans that use is counted by: calendar months and days, in UTC.
//! Refuses local time: where an account is changes nothing.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::clock::Timestamp;

/// A calendar month.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Month {
    pub start: Timestamp,
    /// The first instant of the next one.
    pub end: Timestamp,
}

impl Month {
    /// The month that `at` is in.
    pub fn of(at: Timestamp) -> Self {
        let first = date(at).map(Date::first_of_month);
        let next = first.and_then(|first| first.last_of_month().tomorrow().ok());
        let start = first.and_then(midnight).unwrap_or(at);
        Self {
            start,
            end: next.and_then(midnight).unwrap_or(Timestamp::FAR_FUTURE),
        }
    }
}

/// The first instant of the day that `at` is in.
pub fn day(at: Timestamp) -> Timestamp {
    let into = at.as_seconds().rem_euclid(86_400);
    Timestamp::from_seconds(at.as_seconds() - into)
}

fn date(at: Timestamp) -> Option<Date> {
    let instant = jiff::Timestamp::from_second(at.as_seconds()).ok()?;
    Some(instant.to_zoned(TimeZone::UTC).date())
}

fn midnight(date: Date) -> Option<Timestamp> {
    let midnight = date.to_zoned(TimeZone::UTC).ok()?;
    Some(Timestamp::from_seconds(midnight.timestamp().as_second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_seconds(text.parse::<jiff::Timestamp>().unwrap().as_second())
    }

    #[test]
    fn months_begin_and_end_at_midnight_also_in_leap_years() {
        for (now, start, end) in [
            (
                "2026-11-21T20:00:00Z",
                "2026-11-01T00:00:00Z",
                "2026-12-01T00:00:00Z",
            ),
            (
                "2026-12-31T23:59:59Z",
                "2026-12-01T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
            (
                "2028-02-29T00:00:00Z",
                "2028-02-01T00:00:00Z",
                "2028-03-01T00:00:00Z",
            ),
            (
                "2026-12-01T00:00:00Z",
                "2026-12-01T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
        ] {
            let month = Month::of(at(now));
            assert_eq!((month.start, month.end), (at(start), at(end)), "{now}");
        }
        let far = Month::of(Timestamp::FAR_FUTURE);
        assert!(far.start <= Timestamp::FAR_FUTURE && far.end <= Timestamp::FAR_FUTURE);
        assert_eq!(day(at("2026-11-21T20:00:00Z")), at("2026-11-21T00:00:00Z"));
    }
}
