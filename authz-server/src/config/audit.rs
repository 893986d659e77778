//! `[audit]`: the log of what was done.
//! Refuses to keep nothing.

use super::{Period, Problems};

/// The log of every request that changes something.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuditConfig {
    /// How long entries are kept; older ones are removed, and a signature says up to where.
    pub retention: Period,
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self {
            retention: Period::days(400),
        }
    }
}

impl AuditConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        let usable = (Period::days(1)..=Period::days(3660)).contains(&self.retention);
        problems.add_if(!usable, "audit.retention", "must be between 1d and 3660d");
    }
}
