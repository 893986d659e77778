//! `[[iam.services]]`: services whose actions policies name, and the managed policies they get.
//! Refuses names that cannot stand in an action, and two services whose policies would have one name.

use policy::{GrammarError, Managed, Service, managed};

use super::IamConfig;
use crate::config::Problems;

/// A service whose actions policies name.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IamServiceConfig {
    /// The word before the colon of its actions, as `orders`.
    pub name: String,
    /// Its actions that only read, without the service, `*` for any text; `Describe*`, `Get*`, `List*` and `Read*` when empty.
    pub read: Vec<String>,
}

impl IamConfig {
    /// The policies that every account has, those of the services among them.
    pub fn managed(&self) -> Result<Vec<Managed>, GrammarError> {
        let each = self.services.iter().map(|service| Service {
            name: service.name.clone(),
            read: service.read.clone(),
        });
        managed(&each.collect::<Vec<_>>())
    }
}

pub(super) fn check(config: &IamConfig, problems: &mut Problems) {
    const KEY: &str = "iam.services";
    let managed = match config.managed() {
        Ok(managed) => managed,
        Err(error) => {
            let reason = format!("a name or an action cannot stand in a policy: {}", error.reason);
            return problems.add_if(true, KEY, &reason);
        }
    };
    let mut names: Vec<&str> = managed.iter().map(|policy| policy.name.as_str()).collect();
    names.sort_unstable();
    let twice = names.windows(2).any(|pair| pair[0] == pair[1]);
    problems.add_if(twice, KEY, "two of these give policies of the same name");
    let mut services = config.services.iter();
    let wild = services.any(|service| service.name.contains(['*', '?']));
    problems.add_if(wild, KEY, "a name has no wildcards");
}
