//! Lengths of time in the configuration, written "90s", "15m", "30d" or "1h 30m".
//! Refuses months and years (they have no fixed length), negative values, and bare numbers.

use std::{fmt, str::FromStr, time::Duration};

use jiff::{Span, SpanRelativeTo};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Visitor};

/// A length of time in the configuration; whole milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, schemars::JsonSchema)]
#[schemars(with = "String", extend("format" = "duration"))]
pub struct Period(Duration);

impl Period {
    /// A period of milliseconds.
    pub const fn millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// A period of whole seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// A period of whole minutes.
    pub const fn minutes(minutes: u64) -> Self {
        Self::seconds(minutes * 60)
    }

    /// A period of whole days of 24 hours.
    pub const fn days(days: u64) -> Self {
        Self::seconds(days * 86_400)
    }

    /// The same length for timers.
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// Whole seconds, rounded down.
    pub fn as_secs(self) -> i64 {
        i64::try_from(self.0.as_secs()).unwrap_or(i64::MAX)
    }

    /// Microseconds, the unit of stored instants.
    pub fn as_micros(self) -> i64 {
        i64::try_from(self.0.as_micros()).unwrap_or(i64::MAX)
    }
}

/// Why a text is not a period.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a length of time such as \"90s\", \"15m\", \"12h\" or \"30d\"")]
pub struct PeriodError;

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        if text.len() > 64 || text.starts_with(['P', 'p', '-', '+']) {
            return Err(PeriodError);
        }
        let span: Span = text.parse().map_err(|_| PeriodError)?;
        if span.is_negative() || span.get_years() != 0 || span.get_months() != 0 {
            return Err(PeriodError);
        }
        let signed = span
            .to_duration(SpanRelativeTo::days_are_24_hours())
            .map_err(|_| PeriodError)?;
        let millis = u64::try_from(signed.as_millis()).map_err(|_| PeriodError)?;
        Ok(Self(Duration::from_millis(millis)))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
        match units
            .into_iter()
            .find(|(unit, _)| millis >= *unit && millis.is_multiple_of(*unit))
        {
            Some((unit, name)) => write!(out, "{}{name}", millis / unit),
            None => write!(out, "{millis}ms"),
        }
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_str(Written {
            kind: "a length of time such as \"90s\", \"15m\", \"12h\" or \"30d\"",
            parse: Self::from_str,
        })
    }
}

/// Reads what must stand there as text.
pub(super) struct Written<T, E> {
    /// What is expected, for whoever wrote something else.
    pub(super) kind: &'static str,
    pub(super) parse: fn(&str) -> Result<T, E>,
}

impl<T, E: fmt::Display> Visitor<'_> for Written<T, E> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.kind)
    }

    fn visit_str<F: serde::de::Error>(self, text: &str) -> Result<T, F> {
        (self.parse)(text).map_err(F::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Period;
    use std::time::Duration;

    #[test]
    fn periods_are_read_and_shown_in_the_largest_exact_unit() {
        for (text, seconds, shown) in [
            ("90s", 90, "90s"),
            ("15m", 900, "15m"),
            ("30d", 2_592_000, "30d"),
            ("1h 30m", 5400, "90m"),
            ("2w", 1_209_600, "14d"),
        ] {
            let period: Period = text.parse().unwrap();
            assert_eq!(
                (period.as_secs(), period.to_string().as_str()),
                (seconds, shown),
                "{text}"
            );
        }
        assert_eq!(
            "250ms".parse::<Period>().unwrap().duration(),
            Duration::from_millis(250)
        );
    }

    #[test]
    fn periods_without_a_fixed_length_or_unit_are_refused() {
        for text in ["", "15", "-5m", "1 month", "1y", "5 parsecs", "P1D", "5m ago"] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }
}
