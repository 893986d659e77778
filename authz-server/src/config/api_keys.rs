//! `[api_keys]`: the keys that people make for their programs.
//! Refuses prefixes that could be taken for each other, and lists of permissions nobody could have.

use oauth::api_key::KeyPrefix;
use oauth::scope::{Scope, ScopeSet};

use super::{MOST_PER_WINDOW, Period, Problems};

/// The keys that people make for their programs.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ApiKeysConfig {
    /// What tokens of `/api/tokens` begin with: a signed JWT follows.
    pub token_prefix: String,
    /// What keys of `/v1/auth/api-keys` begin with.
    pub api_prefix: String,
    /// What tokens of `/api/auth/cli-tokens` begin with.
    pub cli_prefix: String,
    /// What service keys begin with.
    pub service_prefix: String,
    /// What keys for administration begin with.
    pub admin_prefix: String,
    /// How many live keys one person may have.
    pub most_per_user: usize,
    /// Whether keys may be made that never end.
    pub allow_endless: bool,
    /// The longest life of a key that ends.
    pub longest_life: Period,
    /// How many requests a minute may come with a new key, and with what it is exchanged for, where nothing else is said
    /// when it is made. Without it: as many as the other limits let through.
    pub rate_limit: Option<u32>,
    /// First parts of permissions that only administrators may give to keys, besides everything that begins with
    /// `admin`.
    pub reserved: Vec<String>,
    /// The permissions of the form `resource:action` that people may give to keys. Without it: all that are not
    /// reserved. Those on resources of their own need no entry.
    pub offered: Option<Vec<String>>,
    /// Where the public keys are of whoever may report keys found in public, such as GitHub's secret scanning:
    /// `https://api.github.com/meta/public_keys/secret_scanning`. Without it nobody may.
    pub leak_reporter_keys: Option<String>,
    /// At which age, in days, a key has to be replaced, as `/api/auth/credential-rotation-status` tells.
    pub rotation_required_days: u32,
    /// How many days before that it tells that it will have to be.
    pub rotation_warning_days: u32,
}

impl Default for ApiKeysConfig {
    fn default() -> Self {
        Self {
            token_prefix: "ecloud_".to_owned(),
            api_prefix: "ch_live_".to_owned(),
            cli_prefix: "ci_".to_owned(),
            service_prefix: "ch_svc_".to_owned(),
            admin_prefix: "ch_admin_".to_owned(),
            most_per_user: 100,
            allow_endless: true,
            longest_life: Period::days(3650),
            rate_limit: None,
            reserved: Vec::new(),
            offered: None,
            leak_reporter_keys: None,
            rotation_required_days: 90,
            rotation_warning_days: 30,
        }
    }
}

impl ApiKeysConfig {
    /// In the order of the kinds of keys.
    pub fn prefixes(&self) -> [(&'static str, &str); 5] {
        [
            ("api_keys.token_prefix", &self.token_prefix),
            ("api_keys.api_prefix", &self.api_prefix),
            ("api_keys.cli_prefix", &self.cli_prefix),
            ("api_keys.service_prefix", &self.service_prefix),
            ("api_keys.admin_prefix", &self.admin_prefix),
        ]
    }

    /// The permissions that are offered, if they are listed.
    ///
    /// # Errors
    /// The entry that is no scope.
    pub fn offered_scopes(&self) -> Result<Option<ScopeSet>, String> {
        let parse = |name: &String| Scope::parse(name).map_err(|error| format!("{name}: {error}"));
        let offered = self.offered.as_ref();
        offered.map(|names| names.iter().map(parse).collect()).transpose()
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        let mut known: Vec<KeyPrefix> = Vec::new();
        for (key, text) in self.prefixes() {
            match KeyPrefix::parse(text) {
                Err(error) => problems.add(key, error.to_string()),
                Ok(prefix) if known.iter().any(|other| other.collides_with(&prefix)) => {
                    problems.add(key, "begins like another prefix: keys could not be told apart");
                }
                Ok(prefix) => known.push(prefix),
            }
        }
        let many = (1..=1000).contains(&self.most_per_user);
        problems.add_if(!many, "api_keys.most_per_user", "must be between 1 and 1000");
        let life = (Period::days(1)..=Period::days(3650)).contains(&self.longest_life);
        problems.add_if(!life, "api_keys.longest_life", "must be between 1d and 3650d");
        let limit = self
            .rate_limit
            .is_none_or(|limit| (1..=MOST_PER_WINDOW).contains(&limit));
        problems.add_if(!limit, "api_keys.rate_limit", "must be between 1 and 10000");
        if let Err(error) = self.offered_scopes() {
            problems.add("api_keys.offered", error);
        }
        problems.add_if(
            !(1..=3650).contains(&self.rotation_required_days),
            "api_keys.rotation_required_days",
            "must be between 1 and 3650",
        );
        problems.add_if(
            self.rotation_warning_days > self.rotation_required_days,
            "api_keys.rotation_warning_days",
            "is more than api_keys.rotation_required_days: every key would be warned of at once",
        );
        let url = self.leak_reporter_keys.as_deref().map(url::Url::parse);
        let secure = url.is_none_or(|url| url.is_ok_and(|url| url.scheme() == "https" || is_local(&url)));
        problems.add_if(!secure, "api_keys.leak_reporter_keys", "must be an https URL");
    }
}

fn is_local(url: &url::Url) -> bool {
    let loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "http" && loopback
}
