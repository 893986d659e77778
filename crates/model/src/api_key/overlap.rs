//! For how long a key goes on beside the one that takes its place.
//! Refuses more than a week: two keys that do the work of one are one too many.

use std::time::Duration;

const HOUR: u64 = 60 * 60;
const MOST_HOURS: u64 = 7 * 24;

/// A time in which programs are told of a new key; a day, when nothing else is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyOverlap(Duration);

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "must be a number of hours or days such as `24h` or `7d`, a week at most; `0h` ends the old key at once"
)]
pub struct KeyOverlapError;

impl KeyOverlap {
    /// `24h`, or `7d`.
    ///
    /// # Errors
    /// For every other text, and for more than a week.
    pub fn parse(text: &str) -> Result<Self, KeyOverlapError> {
        let (digits, hours) = match text.strip_suffix('d') {
            Some(days) => (days, 24),
            None => (text.strip_suffix('h').ok_or(KeyOverlapError)?, 1),
        };
        let plain = (1..=3).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
        let number = digits.parse::<u64>().ok().filter(|_| plain);
        let hours = number.map(|number| number * hours);
        let hours = hours.filter(|hours| *hours <= MOST_HOURS);
        hours.map(Self::hours).ok_or(KeyOverlapError)
    }

    const fn hours(hours: u64) -> Self {
        Self(Duration::from_secs(hours * HOUR))
    }

    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl Default for KeyOverlap {
    fn default() -> Self {
        Self::hours(24)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlap_is_hours_or_days_up_to_a_week() {
        for (text, hours) in [("0h", 0), ("1h", 1), ("24h", 24), ("168h", 168), ("7d", 168)] {
            let overlap = KeyOverlap::parse(text).map(KeyOverlap::duration);
            assert_eq!(overlap, Ok(Duration::from_secs(hours * HOUR)), "{text}");
        }
        for bad in [
            "", "h", "169h", "8d", "-1h", "+1h", "1.5h", "1", "1 h", "1H", "0001h", "999d", "never",
        ] {
            assert_eq!(KeyOverlap::parse(bad), Err(KeyOverlapError), "{bad}");
        }
        assert_eq!(KeyOverlap::parse("1d"), Ok(KeyOverlap::default()));
    }
}
