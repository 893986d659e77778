//! The dates of signed requests, in seconds since the epoch.
//! Refuses every form but the two that signers use.

use jiff::civil;
use jiff::tz::TimeZone;

/// An instant and its day as a credential scope writes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Dated {
    /// `20150830T123600Z`, as it goes into the string to sign.
    pub text: String,
    pub seconds: i64,
}

impl Dated {
    /// `20150830T123600Z`.
    pub fn basic(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok()?.trim_matches(' ');
        let (day, time) = text.split_once('T')?;
        let time = time.strip_suffix('Z')?;
        if day.len() != 8 || time.len() != 6 || !(day.bytes().chain(time.bytes())).all(|b| b.is_ascii_digit())
        {
            return None;
        }
        let part = |text: &str, from: usize, to: usize| text.get(from..to)?.parse::<i8>().ok();
        let year = day.get(..4)?.parse::<i16>().ok()?;
        let date = civil::Date::new(year, part(day, 4, 6)?, part(day, 6, 8)?).ok()?;
        let (hour, minute, second) = (part(time, 0, 2)?, part(time, 2, 4)?, part(time, 4, 6)?);
        let time = civil::Time::new(hour, minute, second, 0).ok()?;
        let zoned = date.to_datetime(time).to_zoned(TimeZone::UTC).ok()?;
        Some(Self {
            text: text.to_owned(),
            seconds: zoned.timestamp().as_second(),
        })
    }

    /// The `Date` header: `Sun, 30 Aug 2015 12:36:00 GMT` (RFC 9110 §5.6.7), or the basic form.
    pub fn of_date_header(value: &[u8]) -> Option<Self> {
        if let Some(basic) = Self::basic(value) {
            return Some(basic);
        }
        let text = std::str::from_utf8(value).ok()?.trim_matches(' ');
        let parser = jiff::fmt::rfc2822::DateTimeParser::new();
        let instant = parser
            .parse_timestamp(text)
            .ok()
            .filter(|_| text.ends_with(" GMT"))?;
        Some(Self {
            text: instant.strftime("%Y%m%dT%H%M%SZ").to_string(),
            seconds: instant.as_second(),
        })
    }

    /// The day, as a credential scope writes it.
    pub fn day(&self) -> &str {
        self.text.get(..8).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Dated;

    #[test]
    fn both_forms_of_a_date_are_one_instant() {
        let basic = Dated::basic(b"20150830T123600Z").unwrap();
        assert_eq!(basic.seconds, 1_440_938_160);
        assert_eq!(basic.day(), "20150830");
        assert_eq!(
            Dated::of_date_header(b"Sun, 30 Aug 2015 12:36:00 GMT"),
            Some(basic)
        );
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "20150830",
            "20150830T123600",
            "20151330T123600Z",
            "20150830T256000Z",
            "2015-08-30T12:36:00Z",
            "+2150830T123600Z",
            "20150830T12360+Z",
            "20150830T123600Z0",
        ] {
            assert_eq!(Dated::basic(text.as_bytes()), None, "{text}");
        }
        assert_eq!(Dated::of_date_header(b"Sun, 30 Aug 2015 12:36:00 +0200"), None);
    }
}
