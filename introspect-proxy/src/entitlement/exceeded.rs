//! What an account is told that is not entitled to something, and what is kept of it for `explain`.
//! It refuses links that are no web addresses.

use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::time::Duration;

/// As much was used as the plan allows.
pub const LIMIT_REACHED: &str = "limit_reached";
/// What comes with the plan is used up, and nothing is left to pay for more.
const WALLET_EMPTY: &str = "wallet_empty";

/// A refusal with everything that helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// What callers learn.
    pub told: Told,
    /// The plan gives some of it, and that is used up.
    pub used_up: bool,
    /// Whose entitlement.
    pub account: Box<str>,
    /// How long ago the server was asked.
    pub age: Duration,
    /// Where the log stood then.
    pub position: u64,
    /// By this proxy's own count: the server has not said so yet.
    pub counted_here: bool,
}

/// What callers learn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// What they lack.
    pub feature: Box<str>,
    /// As much as the plan gives; none when it does not give it at all.
    pub limit: Option<u64>,
    /// As much as was used.
    pub used: Option<u64>,
    /// When it begins anew, RFC 3339.
    pub resets_at: Option<Box<str>>,
    /// A word for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Box<str>>,
    /// Where to pay for more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topup_url: Option<Box<str>>,
    /// Where to get a larger plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade_url: Option<Box<str>>,
}

impl Told {
    /// Whether the plan gives some of it, and that is used up.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        match self.reason.as_deref() {
            Some(reason) => matches!(reason, LIMIT_REACHED | WALLET_EMPTY),
            None => self.limit.is_some_and(|limit| limit > 0),
        }
    }

    /// Whether paying for more would do.
    #[must_use]
    pub const fn can_be_paid(&self) -> bool {
        self.topup_url.is_some()
    }

    /// What would help, in a sentence.
    #[must_use]
    pub fn remedy(&self) -> String {
        let feature = &self.feature;
        let mut text = match self.limit {
            _ if self.can_be_paid() => format!("top up to go on with {feature}"),
            Some(limit) if self.is_used_up() => format!("get a plan with more than {limit} {feature}"),
            _ => format!("get a plan that has {feature}"),
        };
        if let Some(limit) = self.limit {
            let _ = write!(text, ", limit {limit}");
        }
        if let Some(used) = self.used {
            let _ = write!(text, ", used {used}");
        }
        if let Some(at) = &self.resets_at {
            let _ = write!(text, ", resets at {at}");
        }
        for url in [&self.topup_url, &self.upgrade_url].into_iter().flatten() {
            let _ = write!(text, " ({url})");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_names_figures_and_where_to_go() {
        let mut told = Told {
            feature: "exports".into(),
            limit: Some(1000),
            used: Some(1000),
            resets_at: Some("2026-12-01T00:00:00Z".into()),
            reason: None,
            topup_url: Some("https://id.example/account/billing".into()),
            upgrade_url: None,
        };
        assert_eq!(
            told.remedy(),
            "top up to go on with exports, limit 1000, used 1000, resets at 2026-12-01T00:00:00Z (https://id.example/account/billing)"
        );
        told.topup_url = None;
        assert!(told.is_used_up());
        assert!(
            told.remedy()
                .starts_with("get a plan with more than 1000 exports, limit 1000")
        );
        told.limit = None;
        assert!(told.remedy().starts_with("get a plan that has exports") && !told.is_used_up());
    }
}
