//! How much an account may have of each thing, and which policies every account has.
//! Refuses nothing itself: each capability counts in the transaction that adds one.

use std::sync::Arc;

use policy::Managed;

/// Named settings, each with the most that is let in.
#[derive(Clone, Debug)]
pub struct IamSettings {
    pub users: u64,
    pub groups: u64,
    /// That the account writes itself; managed ones don't count.
    pub policies: u64,
    /// Policies that one user or group has.
    pub attachments: u64,
    pub groups_of_user: u64,
    /// Policies that come with the server; they are attached by their names and stand in no table.
    pub managed: Arc<[Managed]>,
}

impl Default for IamSettings {
    fn default() -> Self {
        Self {
            users: 1000,
            groups: 100,
            policies: 200,
            attachments: 20,
            groups_of_user: 10,
            // Nothing of it depends on a setting, so it can be read; a test says so.
            managed: policy::managed(&[]).unwrap_or_default().into(),
        }
    }
}

/// What there may be no more of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counted {
    Users,
    Groups,
    Policies,
    Attachments,
    GroupsOfUser,
}

impl Counted {
    /// The whole rule, in words.
    pub fn rule(self, most: u64) -> String {
        match self {
            Self::Users => format!("An account has at most {most} users."),
            Self::Groups => format!("An account has at most {most} groups."),
            Self::Policies => format!("An account writes at most {most} policies."),
            Self::Attachments => format!("A user or group has at most {most} policies."),
            Self::GroupsOfUser => format!("A user is in at most {most} groups."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_managed_policies_and_one_for_administrators() {
        let managed = IamSettings::default().managed;
        assert!(managed.len() > 3);
        let name = super::super::ADMINISTRATOR_ACCESS;
        assert!(managed.iter().any(|policy| policy.name == name));
    }
}
