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
}

impl Default for IamConfig {
    fn default() -> Self {
        Self {
            users: 1000,
            groups: 100,
            policies: 200,
            attachments: 20,
            groups_of_user: 10,
        }
    }
}

impl IamConfig {
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
    }
}
