//! The `[usage]` section and the `meter` of a route: what is counted, and how often that is told.
//! It refuses meaning: these are words from a file, `usage` compiles and judges them.

use super::span::Span;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How use of metered routes is reported to the authorization server.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Usage {
    /// How often; a crash loses what was counted within one interval at most.
    pub interval: Span,
    /// Metered routes answer 503 once reports have waited for so long.
    pub give_up: Span,
    /// How many pairs of account and metric are counted; a request of one more is answered 503.
    pub max_counters: usize,
}

impl Default for Usage {
    fn default() -> Self {
        Self {
            interval: Span::seconds(1),
            give_up: Span::seconds(15 * 60),
            max_counters: 100_000,
        }
    }
}

impl Usage {
    pub(super) fn problems(&self, found: &mut Vec<String>) {
        if self.interval.0.is_zero() || self.interval.0 > Duration::from_secs(60) {
            found.push("usage.interval: must be more than zero and at most 60s".to_owned());
        }
        if self.give_up.0 < self.interval.0 {
            found.push("usage.give_up: must be at least usage.interval".to_owned());
        }
        if self.max_counters == 0 {
            found.push("usage.max_counters: must be at least 1".to_owned());
        }
    }
}

/// What use of a route counts as.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(
    untagged,
    expecting = "a metric, or { metric, quantity, count, when }, such as \"api_calls\""
)]
pub enum Meter {
    /// One for each request that succeeds.
    Name(String),
    /// Something else.
    Custom(CustomMeter),
}

/// A meter with choices.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CustomMeter {
    /// What it is reported as.
    pub metric: String,
    /// How many for each request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// What is counted.
    #[serde(default)]
    pub count: Counted,
    /// Which requests count.
    #[serde(default)]
    pub when: When,
}

impl Meter {
    /// The same with every choice made.
    #[must_use]
    pub fn whole(&self) -> CustomMeter {
        match self {
            Self::Custom(custom) => custom.clone(),
            Self::Name(metric) => CustomMeter {
                metric: metric.clone(),
                quantity: None,
                count: Counted::Requests,
                when: When::Success,
            },
        }
    }
}

/// What a meter counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Requests; a WebSocket or a stream is one.
    #[default]
    Requests,
    /// Bytes of what clients send after the head.
    RequestBytes,
    /// Bytes of what they get after the head.
    ResponseBytes,
}

/// Which requests a meter counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Those that the service answers with a status below 400.
    #[default]
    Success,
    /// Every one that is let through.
    Always,
}
