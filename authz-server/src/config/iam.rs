//! `[iam]`: how many users, groups and policies an account may have.
//! Refuses figures that would let nothing in, or so much that a change of one group takes long.

use super::Problems;

/// How much an account may have of each thing.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IamConfig {
    /// IAM users of an account.
    pub users: u32,
    /// Groups of an account.
    pub groups: u32,
    /// Policies that an account writes itself.
    pub policies: u32,
    /// Policies that one user or group has.
    pub attachments: u32,
    /// Groups that one user is in.
    pub groups_of_user: u32,
    /// Services that policies name; each gets two managed policies, `<Name>FullAccess` and `<Name>ReadOnlyAccess`.
    pub services: Vec<IamServiceConfig>,
}

/// A service whose actions policies name.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct IamServiceConfig {
    /// The word before the colon of its actions, as `orders`.
    pub name: String,
    /// Its actions that only read, without the service, `*` for any text; `Describe*`, `Get*`, `List*` and `Read*` when empty.
    pub read: Vec<String>,
}

impl Default for IamConfig {
    fn default() -> Self {
        Self {
            users: 1000,
            groups: 100,
            policies: 200,
            attachments: 20,
            groups_of_user: 10,
            services: Vec::new(),
        }
    }
}

impl IamConfig {
    /// The policies that every account has, those of the services among them.
    pub fn managed(&self) -> Result<Vec<policy::Managed>, policy::GrammarError> {
        let each = self.services.iter().map(|service| policy::Service {
            name: service.name.clone(),
            read: service.read.clone(),
        });
        policy::managed(&each.collect::<Vec<_>>())
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        for (name, figure, most) in [
            ("iam.users", self.users, 5000),
            ("iam.groups", self.groups, 1000),
            ("iam.policies", self.policies, 5000),
            ("iam.attachments", self.attachments, 50),
            ("iam.groups_of_user", self.groups_of_user, 50),
        ] {
            let wrong = !(1..=most).contains(&figure);
            problems.add_if(wrong, name, &format!("must be between 1 and {most}"));
        }
        self.check_services(problems);
    }

    fn check_services(&self, problems: &mut Problems) {
        let managed = match self.managed() {
            Ok(managed) => managed,
            Err(error) => {
                let reason = format!("a name or an action cannot stand in a policy: {}", error.reason);
                return problems.add_if(true, "iam.services", &reason);
            }
        };
        let mut names: Vec<&str> = managed.iter().map(|policy| policy.name.as_str()).collect();
        names.sort_unstable();
        let twice = names.windows(2).any(|pair| pair[0] == pair[1]);
        problems.add_if(
            twice,
            "iam.services",
            "two of these give policies of the same name",
        );
        let wild = self
            .services
            .iter()
            .any(|service| service.name.contains(['*', '?']));
        problems.add_if(wild, "iam.services", "a name has no wildcards");
    }
}
