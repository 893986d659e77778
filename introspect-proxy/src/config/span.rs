//! Durations and rates as people write them: `500ms`, `2s`, `5m`, `100/min`.
//! It refuses anything without a unit, and zero rates.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::time::Duration;

/// A duration read from text such as `500ms`, `2s`, `5m`, `1h` or `30d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Duration);

impl Span {
    /// A span of whole seconds.
    #[must_use]
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// A span of milliseconds.
    #[must_use]
    pub const fn millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// Reads the text form; `None` when it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let split = text.find(|c: char| !c.is_ascii_digit())?;
        let (count, unit) = text.split_at(split);
        let count: u64 = count.parse().ok()?;
        let per = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        Some(Self(Duration::from_millis(count.checked_mul(per)?)))
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let millis = self.0.as_millis();
        if millis.is_multiple_of(1000) {
            write!(f, "{}s", millis / 1000)
        } else {
            write!(f, "{millis}ms")
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Written {
            kind: "a duration such as 500ms, 2s or 5m",
            parse: Self::parse,
        })
    }
}

/// Reads what stands there as text.
struct Written<T> {
    kind: &'static str,
    parse: fn(&str) -> Option<T>,
}

impl<T> de::Visitor<'_> for Written<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).ok_or_else(|| E::custom(format!("`{text}` is not {}", self.kind)))
    }
}

/// So many requests in so long a window, read from text such as `100/min`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// Requests in one window.
    pub count: u32,
    /// Length of the window.
    pub window: Duration,
}

impl Rate {
    /// The most a window can count.
    pub const MOST: u32 = shared_limits::Rate::MOST;

    /// Reads the text form; `None` when it is not one, allows nothing, or is beyond counting.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (count, unit) = text.split_once('/')?;
        let count: u32 = count
            .parse()
            .ok()
            .filter(|count| (1..=Self::MOST).contains(count))?;
        let seconds = match unit {
            "s" | "sec" => 1,
            "m" | "min" => 60,
            "h" | "hour" => 3600,
            "d" | "day" => 86_400,
            _ => return None,
        };
        Some(Self {
            count,
            window: Duration::from_secs(seconds),
        })
    }
}

impl From<Rate> for shared_limits::Rate {
    fn from(rate: Rate) -> Self {
        Self {
            count: rate.count,
            window: rate.window,
        }
    }
}

impl From<shared_limits::Rate> for Rate {
    fn from(rate: shared_limits::Rate) -> Self {
        Self {
            count: rate.count,
            window: rate.window,
        }
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = match self.window.as_secs() {
            1 => "s",
            60 => "min",
            3600 => "h",
            _ => "d",
        };
        write!(f, "{}/{unit}", self.count)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Written {
            kind: "a rate such as 100/min or 20/s",
            parse: Self::parse,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_need_a_number_and_a_known_unit() {
        assert_eq!(Span::parse("450ms"), Some(Span::millis(450)));
        assert_eq!(Span::parse("2m"), Some(Span::seconds(120)));
        for bad in ["", "5", "s", "-1s", "1.5s", "5 s", "99999999999999999999d", "5w"] {
            assert_eq!(Span::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn rates_need_a_positive_count_and_a_window() {
        let rate = Rate::parse("100/min").unwrap();
        assert_eq!((rate.count, rate.window.as_secs()), (100, 60));
        assert_eq!(rate.to_string(), "100/min");
        for bad in [
            "0/s",
            "-1/s",
            "10",
            "10/",
            "/s",
            "10/fortnight",
            "4294967296/s",
            "100000001/d",
        ] {
            assert_eq!(Rate::parse(bad), None, "{bad}");
        }
    }
}
