//! `[limits]`: how often a caller may use the surfaces.
//! Refuses sign-ins that are limited more loosely than everything else.

use super::{Problems, Rate};

/// How often one caller may use the JSON surfaces. Each replica counts for itself, unless there are `[shared_limits]`.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Everything below `/v1` that is nothing of the following.
    pub v1: Rate,
    /// Signing in and registering below `/v1/auth`.
    pub v1_authentication: Rate,
    /// What administrators do below `/v1/admin`.
    pub v1_admin: Rate,
    /// Signing in and registering below `/api/auth`.
    pub console_authentication: Rate,
    /// Signing in and registering on the other surfaces.
    pub authentication: Rate,
    /// Everything else on the other surfaces.
    pub standard: Rate,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            v1: Rate::per_minute(100),
            v1_authentication: Rate::per_minute(10),
            v1_admin: Rate::per_minute(1000),
            console_authentication: Rate::new(50, 15 * 60),
            authentication: Rate::new(50, 15 * 60),
            standard: Rate::per_minute(100),
        }
    }
}

impl LimitsConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        let pairs = [
            (
                "limits.v1_authentication",
                self.v1_authentication,
                "limits.v1",
                self.v1,
            ),
            (
                "limits.console_authentication",
                self.console_authentication,
                "limits.standard",
                self.standard,
            ),
            (
                "limits.authentication",
                self.authentication,
                "limits.standard",
                self.standard,
            ),
        ];
        for (key, strict, other, loose) in pairs {
            problems.add_if(
                strict.is_looser_than(loose),
                key,
                &format!("must not be looser than {other} ({loose})"),
            );
        }
    }
}
