//! The permissions of one key, in the order in which they were asked for.
//! Refuses none at all, and more than a scope parameter can carry.

use super::Permission;
use crate::scope::{MAX_SET_COUNT, MAX_SET_LEN, ScopeSet};

/// The most permissions of one key: they fit into one scope parameter.
pub const MAX_PERMISSIONS: usize = MAX_SET_COUNT;
/// How much of a bad entry an error repeats, in characters.
const TOLD: usize = 128;

/// What is wrong with an entry, or with all of them together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PermissionProblem {
    /// Nothing is permitted.
    #[error("at least one permission is needed")]
    None,
    /// More than [`MAX_PERMISSIONS`], or too many characters altogether.
    #[error("too many permissions")]
    TooMany,
    /// The entry is too long.
    #[error("the entry is too long")]
    TooLong,
    /// Not of the form that the notation asks for.
    #[error("the entry is malformed")]
    Malformed,
    /// No action is named.
    #[error("the entry names no action")]
    NoAction,
    /// Not one of create, read, update and delete.
    #[error("the action is unknown")]
    UnknownAction,
}

/// Why permissions were refused, and which entry is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}: {entry:?}")]
pub struct PermissionError {
    /// The entry as it was written, or its beginning; empty when all are meant.
    pub entry: String,
    /// What is wrong with it.
    pub problem: PermissionProblem,
}

impl PermissionError {
    pub(super) fn at(entry: &str, problem: PermissionProblem) -> Self {
        Self {
            entry: entry.chars().take(TOLD).collect(),
            problem,
        }
    }
}

/// Distinct permissions, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionSet(Vec<Permission>);

impl PermissionSet {
    /// Each once, the first time it is named.
    pub fn collect(
        permissions: impl Iterator<Item = Result<Permission, PermissionError>>,
    ) -> Result<Self, PermissionError> {
        let too_many = |entry: &Permission| PermissionError::at(entry.as_str(), PermissionProblem::TooMany);
        let (mut set, mut length) = (Vec::new(), 0);
        for permission in permissions {
            let permission = permission?;
            if set.contains(&permission) {
                continue;
            }
            length += permission.as_str().len() + 1;
            if set.len() == MAX_PERMISSIONS || length > MAX_SET_LEN {
                return Err(too_many(&permission));
            }
            set.push(permission);
        }
        if set.is_empty() {
            return Err(PermissionError::at("", PermissionProblem::None));
        }
        Ok(Self(set))
    }

    /// In the order of asking.
    pub fn iter(&self) -> impl Iterator<Item = &Permission> {
        self.0.iter()
    }

    /// The same as scopes, which is how they are judged.
    #[must_use]
    pub fn scopes(&self) -> ScopeSet {
        self.0
            .iter()
            .map(|permission| permission.scope().clone())
            .collect()
    }
}
