//! `[accounts]`: what people may do with their accounts.
//! Refuses a time of grace that nobody could use, and a plan without a name.

use oauth::redirect_uri::{ApplicationType, RegisteredRedirectUri};

use super::{Period, Problems};

/// What people may do with their accounts.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AccountsConfig {
    /// How long somebody who has asked to delete their account can still change their mind.
    pub deletion_grace: Period,
    /// Pages of your own applications that a program may have people sent to after a sign-in at another provider, or by
    /// the link in a mail; compared character by character.
    pub redirect_uris: Vec<String>,
    /// The name of the plan that an account has as long as it has no licence.
    pub default_plan: String,
    /// How long an invitation into an account can be accepted.
    pub invitation_ttl: Period,
    /// How many invitations of an account can be open at a time.
    pub most_invitations: u32,
}

impl Default for AccountsConfig {
    fn default() -> Self {
        Self {
            deletion_grace: Period::days(14),
            redirect_uris: Vec::new(),
            default_plan: "free".to_owned(),
            invitation_ttl: Period::days(7),
            most_invitations: 100,
        }
    }
}

impl AccountsConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        let usable = (Period::minutes(1)..=Period::days(365)).contains(&self.deletion_grace);
        problems.add_if(!usable, "accounts.deletion_grace", "must be between 1m and 365d");
        let usable = (Period::minutes(5)..=Period::days(90)).contains(&self.invitation_ttl);
        problems.add_if(!usable, "accounts.invitation_ttl", "must be between 5m and 90d");
        let usable = (1..=10_000).contains(&self.most_invitations);
        problems.add_if(
            !usable,
            "accounts.most_invitations",
            "must be between 1 and 10000",
        );
        for uri in &self.redirect_uris {
            let refused = RegisteredRedirectUri::parse(uri, ApplicationType::Web).err();
            if let Some(error) = refused {
                problems.add("accounts.redirect_uris", format!("{uri}: {error}"));
            }
        }
        let plan = self.default_plan.as_bytes();
        let is_name = (1..=64).contains(&plan.len()) && plan.iter().all(u8::is_ascii_graphic);
        problems.add_if(
            !is_name,
            "accounts.default_plan",
            "must be a name of 1 to 64 letters, digits and signs without blanks",
        );
    }
}
