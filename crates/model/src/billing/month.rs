//! The spans that use is counted by: calendar months and days, where the books are kept.
//! Refuses the time of whoever asks: where an account is changes nothing.

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
    pub fn of(at: Timestamp, zone: &TimeZone) -> Self {
        let first = date(at, zone).map(Date::first_of_month);
        let next = first.and_then(|first| first.last_of_month().tomorrow().ok());
        Self {
            start: first.and_then(|first| midnight(first, zone)).unwrap_or(at),
            end: next
                .and_then(|next| midnight(next, zone))
                .unwrap_or(Timestamp::FAR_FUTURE),
        }
    }
}

/// The first instant of the day that `at` is in.
pub fn day(at: Timestamp, zone: &TimeZone) -> Timestamp {
    date(at, zone).and_then(|date| midnight(date, zone)).unwrap_or(at)
}

fn date(at: Timestamp, zone: &TimeZone) -> Option<Date> {
    let instant = jiff::Timestamp::from_microsecond(at.as_micros()).ok()?;
    Some(instant.to_zoned(zone.clone()).date())
}

fn midnight(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    let midnight = date.to_zoned(zone.clone()).ok()?;
    Some(Timestamp::from_micros(midnight.timestamp().as_microsecond()))
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
            let month = Month::of(at(now), &TimeZone::UTC);
            assert_eq!((month.start, month.end), (at(start), at(end)), "{now}");
        }
        let far = Month::of(Timestamp::FAR_FUTURE, &TimeZone::UTC);
        assert!(far.start <= Timestamp::FAR_FUTURE && far.end <= Timestamp::FAR_FUTURE);
    }

    #[test]
    fn a_month_of_india_begins_in_the_evening_before() {
        let india = TimeZone::get("Asia/Kolkata").unwrap();
        let month = Month::of(at("2026-11-30T18:30:00Z"), &india);
        assert_eq!(month.start, at("2026-11-30T18:30:00Z"));
        assert_eq!(
            day(at("2026-11-30T18:29:59Z"), &india),
            at("2026-11-29T18:30:00Z")
        );
    }
}
