//! Dates of conditions: ISO 8601 with an offset, a day in UTC, or seconds since 1970.
//! Refuses local times without an offset.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

const MAX_CHARS: usize = 40;

pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let plain = |one: u8| one.is_ascii_alphanumeric() || b"+-:.".contains(&one);
    if text.len() > MAX_CHARS || !text.bytes().all(plain) {
        return None;
    }
    let sign = usize::from(text.starts_with('-'));
    if text.len() > sign && text.bytes().skip(sign).all(|one| one.is_ascii_digit()) {
        return Timestamp::from_second(text.parse().ok()?).ok();
    }
    if text.bytes().any(|one| matches!(one, b'T' | b't')) {
        return text.parse().ok();
    }
    let day: Date = text.parse().ok()?;
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}
