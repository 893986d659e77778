//! An account as those who work in it see it.
//! Refuses to be nameless: without a name of its own it is called after its root user.

use super::TeamRole;
use super::public_name::name_among;
use crate::email::Email;
use crate::iam::AccountId;
use crate::id::UserId;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    pub id: AccountId,
    pub root: UserId,
    /// What its owners have called it.
    pub name: Option<String>,
    /// What it is called: its name, or its root user's.
    pub title: String,
}

impl Account {
    pub fn new(id: AccountId, name: Option<String>, root: (UserId, [Option<&str>; 2], &Email)) -> Self {
        let (root, [full, username], email) = root;
        let title = name_among([name.as_deref(), full, username], email);
        Self {
            id,
            root,
            name,
            title,
        }
    }
}

/// An account somebody may act in, and as what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seat {
    pub account: Account,
    pub role: TeamRole,
}
