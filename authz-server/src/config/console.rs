//! `[console]`: the web console that people sign in for at `/api/auth`.
//! Refuses front ends that tokens could be overheard on their way to.

use super::Problems;
use super::federation::is_safe;

/// The web console that people sign in for at `/api/auth`.
#[derive(Clone, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ConsoleConfig {
    /// The one address that people are sent to with their tokens after signing in with GitHub, and with what went wrong.
    /// Without it: the start page of this server.
    pub front_end: Option<String>,
}

impl ConsoleConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        let is_unsafe = self.front_end.as_deref().is_some_and(|text| !is_safe(text));
        problems.add_if(
            is_unsafe,
            "console.front_end",
            "must be an https URL (http only on this machine)",
        );
    }
}
