//! `[iam]`: how many users, groups and policies an account may have, and what programs sign their requests for.
//! Refuses figures that would let nothing in, or so much that a change of one group takes long; names that no credential scope
//! could have, and clocks that are hours apart.

mod services;

pub use services::IamServiceConfig;

use super::{Period, Problems};

/// How much an account may have of each thing, and how requests of programs are signed (AWS Signature Version 4).
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
    /// The region that requests are signed for.
    pub region: String,
    /// The service that requests are signed for.
    pub service: String,
    /// How far the clock of a program may be from the server's, in both directions.
    pub signature_skew: Period,
    /// The longest life of a request whose signature stands in its query (`X-Amz-Expires`).
    pub longest_presigned: Period,
    /// Services that policies name; each gets two managed policies, `<Name>FullAccess` and `<Name>ReadOnlyAccess`.
    pub services: Vec<IamServiceConfig>,
}

impl Default for IamConfig {
    fn default() -> Self {
        Self {
            users: 1000,
            groups: 100,
            policies: 200,
            attachments: 20,
            groups_of_user: 10,
            region: "us-east-1".to_owned(),
            service: "iam".to_owned(),
            signature_skew: Period::minutes(5),
            longest_presigned: Period::minutes(15),
            services: Vec::new(),
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
        for (key, name) in [("iam.region", &self.region), ("iam.service", &self.service)] {
            let good = (1..=64).contains(&name.len())
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            problems.add_if(
                !good,
                key,
                "must be 1 to 64 lower-case letters, digits and dashes",
            );
        }
        let skew = (Period::seconds(1)..=Period::minutes(15)).contains(&self.signature_skew);
        problems.add_if(!skew, "iam.signature_skew", "must be between 1s and 15m");
        let presigned = (Period::seconds(1)..=Period::days(7)).contains(&self.longest_presigned);
        problems.add_if(!presigned, "iam.longest_presigned", "must be between 1s and 7d");
        services::check(self, problems);
    }
}
