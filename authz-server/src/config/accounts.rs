//! `[accounts]`: what people may do with their accounts.
//! Refuses a time of grace that nobody could use.

use super::{Period, Problems};

/// What people may do with their accounts.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AccountsConfig {
    /// How long somebody who has asked to delete their account can still change their mind.
    pub deletion_grace: Period,
}

impl Default for AccountsConfig {
    fn default() -> Self {
        Self {
            deletion_grace: Period::days(14),
        }
    }
}

impl AccountsConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        let usable = (Period::minutes(1)..=Period::days(365)).contains(&self.deletion_grace);
        problems.add_if(!usable, "accounts.deletion_grace", "must be between 1m and 365d");
    }
}
