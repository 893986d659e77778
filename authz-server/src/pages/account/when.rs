//! Moments in the words and the time zone of whoever reads them.

use jiff::tz::TimeZone;
use model::Timestamp;
use model::user::User;

/// Tells times in one time zone.
pub struct Clock(TimeZone);

impl Clock {
    /// In the zone that the user has chosen, else in UTC.
    pub fn of(user: &User) -> Self {
        let chosen = user.profile.zoneinfo.as_deref();
        Self(
            chosen
                .and_then(|name| TimeZone::get(name).ok())
                .unwrap_or(TimeZone::UTC),
        )
    }

    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    pub fn moment(&self, at: Timestamp) -> String {
        self.write(at, "%-d %B %Y, %H:%M %Z")
    }

    pub fn day(&self, at: Timestamp) -> String {
        self.write(at, "%-d %B %Y")
    }

    fn write(&self, at: Timestamp, format: &str) -> String {
        jiff::Timestamp::from_microsecond(at.as_micros()).map_or_else(
            |_| at.to_string(),
            |at| at.to_zoned(self.0.clone()).strftime(format).to_string(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_chosen_zone() {
        let at = Timestamp::from_seconds(1_795_221_529);
        assert_eq!(Clock(TimeZone::UTC).moment(at), "21 November 2026, 00:38 UTC");
        let berlin = Clock(TimeZone::get("Europe/Berlin").unwrap());
        assert_eq!(berlin.moment(at), "21 November 2026, 01:38 CET");
        assert_eq!(berlin.day(at), "21 November 2026");
    }
}
