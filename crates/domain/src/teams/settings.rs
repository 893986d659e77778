//! The deployment's choices about teams.

use std::time::Duration;

#[derive(Clone, Debug)]
pub struct TeamSettings {
    /// How long an invitation can be accepted.
    pub invitation_ttl: Duration,
    /// How many of an account can be open at a time.
    pub most_invitations: u32,
}

impl Default for TeamSettings {
    fn default() -> Self {
        Self {
            invitation_ttl: Duration::from_secs(7 * 86_400),
            most_invitations: 100,
        }
    }
}
