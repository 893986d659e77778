//! What an account writes and gathers to say who may do what: policies and groups.
//! Refuses to read a policy: whether its text makes sense is the policy language's to say.

use crate::clock::Timestamp;
use crate::iam::{AccountId, IamName};
use crate::id::{GroupId, PolicyId};

/// A policy that an account has written itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CustomPolicy {
    pub id: PolicyId,
    pub account_id: AccountId,
    pub name: IamName,
    pub description: String,
    /// The document as it was given.
    pub document: String,
    pub created_at: Timestamp,
}

/// Users of an account who are given the same policies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    pub id: GroupId,
    pub account_id: AccountId,
    pub name: IamName,
    pub created_at: Timestamp,
}

impl CustomPolicy {
    /// How policies name it.
    pub fn arn(&self) -> String {
        format!("arn:authz:iam::{}:policy/{}", self.account_id, self.name)
    }
}

impl Group {
    /// How policies name it.
    pub fn arn(&self) -> String {
        format!("arn:authz:iam::{}:group/{}", self.account_id, self.name)
    }
}
