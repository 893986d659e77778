//! Paths of owned resources and what can be done to them.
//! Refuses paths without an owner, and parts that could be read in two ways.

use super::{MAX_SEGMENT_LEN, PermissionProblem, is_segment};
use crate::scope::MAX_SCOPE_LEN;

/// The longest action with its colon.
const ACTION_LEN: usize = ":delete".len();

/// What can be done to an owned resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Make a new one.
    Create,
    /// Look at it.
    Read,
    /// Change it.
    Update,
    /// Remove it.
    Delete,
}

impl Action {
    /// Every action, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Create, Self::Read, Self::Update, Self::Delete];

    /// The name in a scope.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// The action of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == name)
    }
}

/// `<service>.<owner>[.<resource>[.<id>]]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path<'t>(&'t str);

impl<'t> Path<'t> {
    /// Checks the parts: two to four, each of letters, digits, `_` and `-`.
    pub fn parse(text: &'t str) -> Result<Self, PermissionProblem> {
        if text.len() > MAX_SCOPE_LEN - ACTION_LEN {
            return Err(PermissionProblem::TooLong);
        }
        if text.split('.').any(|part| part.len() > MAX_SEGMENT_LEN) {
            return Err(PermissionProblem::TooLong);
        }
        let well_formed = text.split('.').all(is_segment);
        if well_formed && (2..=4).contains(&text.split('.').count()) {
            Ok(Self(text))
        } else {
            Err(PermissionProblem::Malformed)
        }
    }

    /// The whole text.
    #[must_use]
    pub const fn as_str(&self) -> &'t str {
        self.0
    }

    /// Whose resources it is about.
    #[must_use]
    pub fn owner(&self) -> &'t str {
        self.0.split('.').nth(1).unwrap_or_default()
    }

    /// Whether `other` is this or below it.
    #[must_use]
    pub fn covers(&self, other: &Path<'_>) -> bool {
        let below = other.0.strip_prefix(self.0);
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    /// The shorter paths that cover this one, the longest first; never one without an owner.
    pub(super) fn above(self) -> impl Iterator<Item = &'t str> {
        let shorter = |text: &&'t str| text.rsplit_once('.').map(|(above, _)| above);
        std::iter::successors(shorter(&self.0), move |text| shorter(text)).filter(|text| text.contains('.'))
    }
}
