//! What accounts at GitHub have let our app reach.
//! Refuses to know accounts and repositories by their names alone: names change hands, numbers do not.

use crate::clock::Timestamp;

/// GitHub's number for an installation.
pub type InstallationId = i64;

/// An installation as GitHub tells of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Installation {
    pub id: InstallationId,
    /// Of the person or organization.
    pub account_id: i64,
    /// Its login.
    pub account: String,
    pub selection: RepositorySelection,
    pub suspended_at: Option<Timestamp>,
}

/// An installation that a user has proven to see.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkedInstallation {
    pub installation: Installation,
    /// The account at GitHub of whoever installed it.
    pub installed_by: Option<i64>,
    /// Since when it is the one of the user's that is used.
    pub active_since: Option<Timestamp>,
    pub linked_at: Timestamp,
    pub repositories: Vec<Repository>,
}

impl LinkedInstallation {
    pub const fn is_active(&self) -> bool {
        self.active_since.is_some()
    }

    /// Whether this account at GitHub may end it: its owner, or who installed it.
    pub fn is_of(&self, github_id: i64) -> bool {
        self.installation.account_id == github_id || self.installed_by == Some(github_id)
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repository {
    pub id: i64,
    /// `owner/name`.
    pub full_name: String,
    pub private: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RepositorySelection {
    All,
    Selected,
}

impl RepositorySelection {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Selected => "selected",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::All, Self::Selected]
            .into_iter()
            .find(|selection| selection.as_str() == text)
    }
}
