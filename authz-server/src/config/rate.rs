//! Rates in the configuration, written "100/min", "50/15min" or "10/s": so many within any span of that length.
//! Refuses none at all, more than a limiter remembers, and spans longer than a day.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Period, period::Written};

/// The most a limiter remembers of one caller.
pub const MOST: u32 = 10_000;

/// At most `quota` within any `window`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, schemars::JsonSchema)]
#[schemars(with = "String", extend("format" = "rate"))]
pub struct Rate {
    quota: u32,
    window: Duration,
}

impl Rate {
    /// A rate of at least one within at least a second.
    pub const fn new(quota: u32, window_seconds: u64) -> Self {
        let quota = if quota == 0 { 1 } else { quota };
        let seconds = if window_seconds == 0 { 1 } else { window_seconds };
        Self {
            quota: if quota > MOST { MOST } else { quota },
            window: Duration::from_secs(seconds),
        }
    }

    pub const fn per_minute(quota: u32) -> Self {
        Self::new(quota, 60)
    }

    pub const fn quota(self) -> u32 {
        self.quota
    }

    /// Whole seconds.
    pub const fn window(self) -> Duration {
        self.window
    }

    /// Whether more gets through in the long run than with `other`.
    pub fn is_looser_than(self, other: Self) -> bool {
        u64::from(self.quota) * other.window.as_secs() > u64::from(other.quota) * self.window.as_secs()
    }
}

impl From<Rate> for shared_limits::Rate {
    fn from(rate: Rate) -> Self {
        Self {
            count: rate.quota,
            window: rate.window,
        }
    }
}

/// Why a text is not a rate.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a rate such as \"100/min\", \"50/15min\" or \"10/s\": at most {MOST}, in whole seconds up to a day"
)]
pub struct RateError;

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let (quota, span) = text.split_once('/').ok_or(RateError)?;
        let digits = quota.bytes().all(|byte| byte.is_ascii_digit());
        let quota: u32 = quota.parse().map_err(|_| RateError)?;
        let span = match span.starts_with(|c: char| c.is_ascii_alphabetic()) {
            true => format!("1{span}"),
            false => span.to_owned(),
        };
        let window = span.parse::<Period>().map_err(|_| RateError)?.duration();
        let whole = window.subsec_nanos() == 0 && (1..=86_400).contains(&window.as_secs());
        if !digits || !whole || !(1..=MOST).contains(&quota) {
            return Err(RateError);
        }
        Ok(Self { quota, window })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.window.as_secs();
        let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
        let unit = units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
        let (unit, name) = unit.unwrap_or((1, "s"));
        match seconds / unit {
            1 => write!(out, "{}/{name}", self.quota),
            many => write!(out, "{}/{many}{name}", self.quota),
        }
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_str(Written {
            kind: "a rate such as \"100/min\", \"50/15min\" or \"10/s\"",
            parse: Self::from_str,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_and_shown_in_the_largest_exact_unit() {
        for (text, quota, seconds, shown) in [
            ("100/min", 100, 60, "100/min"),
            ("50/15min", 50, 900, "50/15min"),
            ("10/s", 10, 1, "10/s"),
            ("1000/1m", 1000, 60, "1000/min"),
            ("5/90s", 5, 90, "5/90s"),
            ("2/d", 2, 86_400, "2/d"),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!(
                (rate, rate.to_string().as_str()),
                (Rate::new(quota, seconds), shown)
            );
        }
    }

    #[test]
    fn rates_that_mean_nothing_are_refused() {
        for text in [
            "",
            "100",
            "/min",
            "0/min",
            "-1/min",
            "+1/min",
            "1/0s",
            "1/250ms",
            "1/2d",
            "10001/s",
            "1/month",
            "1/min/min",
            "1 /min",
        ] {
            assert_eq!(text.parse::<Rate>(), Err(RateError), "{text}");
        }
    }

    #[test]
    fn looser_is_more_in_the_long_run() {
        let rate = |text: &str| text.parse::<Rate>().unwrap();
        assert!(rate("100/min").is_looser_than(rate("50/15min")));
        assert!(!rate("60/min").is_looser_than(rate("1/s")));
    }
}
