//! What was known of an account's plan when a request was refused for it.
//! It refuses links: those are for callers.

use super::record::Record;
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};

/// The fact behind a refusal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entitled {
    /// Whose plan.
    pub account: String,
    /// What it lacks.
    pub feature: String,
    /// As much as it gives.
    pub limit: Option<u64>,
    /// As much as was used.
    pub used: Option<u64>,
    /// When that begins anew, RFC 3339.
    pub resets_at: Option<String>,
    /// For how long it had been known.
    pub age_ms: u64,
    /// Position of the log that it was read at.
    pub position: u64,
    /// `server`, or `proxy` where the rest was promised to requests of this proxy.
    pub counted_by: String,
}

impl Entitled {
    /// Of a record of such a refusal.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        let Refusal::Exceeded(exceeded) = &record.refusal else {
            return None;
        };
        let told = &exceeded.told;
        Some(Self {
            account: exceeded.account.to_string(),
            feature: told.feature.to_string(),
            limit: told.limit,
            used: told.used,
            resets_at: told.resets_at.as_deref().map(str::to_owned),
            age_ms: u64::try_from(exceeded.age.as_millis()).unwrap_or(u64::MAX),
            position: exceeded.position,
            counted_by: if exceeded.counted_here { "proxy" } else { "server" }.to_owned(),
        })
    }

    /// In one line.
    #[must_use]
    pub fn tell(&self) -> String {
        let figure =
            |figure: Option<u64>| figure.map_or_else(|| "none".to_owned(), |figure| figure.to_string());
        let Self { feature, account, .. } = self;
        let (limit, used) = (figure(self.limit), figure(self.used));
        let (position, by, age) = (self.position, &self.counted_by, self.age_ms);
        format!(
            "{feature} of account {account}: limit {limit}, used {used}; by the {by}, at position {position}, {age} ms old"
        )
    }
}
