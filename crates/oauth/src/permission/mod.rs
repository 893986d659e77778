//! What a key may do: an action on a resource; one algebra behind three notations.
//! Refuses to see more in a scope than its text says: what is no path of owned segments is compared exactly.
//!
//! An *owned* permission is `<service>.<owner>[.<resource>[.<id>]]:<action>`, where a shorter path grants all that is below
//! it, segment by segment. A *named* one is `<resource>[:<resource>]:<action>`, such as `databases:read`.

mod notation;
mod path;
mod set;

pub use path::{Action, Path};
pub use set::{MAX_PERMISSIONS, PermissionError, PermissionProblem, PermissionSet};

use crate::scope::{MAX_SCOPE_LEN, Scope};

/// The longest part between two separators, in bytes.
pub const MAX_SEGMENT_LEN: usize = 64;
/// The most parts of a named permission, its action among them.
const MAX_NAMED_PARTS: usize = 4;

/// One permission; its text is a scope token (RFC 6749 §3.3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission(Scope);

impl Permission {
    /// Reads `<key>:<action>`.
    pub fn parse(text: &str) -> Result<Self, PermissionProblem> {
        if text.len() > MAX_SCOPE_LEN {
            return Err(PermissionProblem::TooLong);
        }
        let (key, action) = text.rsplit_once(':').ok_or(PermissionProblem::NoAction)?;
        if key.contains('.') {
            Path::parse(key)?;
            Action::from_name(action).ok_or(PermissionProblem::UnknownAction)?;
        } else {
            let mut parts = text.split(':');
            if !parts.all(is_segment) || text.split(':').count() > MAX_NAMED_PARTS {
                return Err(PermissionProblem::Malformed);
            }
        }
        Scope::parse(text)
            .map(Self)
            .map_err(|_| PermissionProblem::Malformed)
    }

    /// An action on something that has an owner.
    #[must_use]
    pub fn owned(path: &Path<'_>, action: Action) -> Option<Self> {
        let text = format!("{}:{}", path.as_str(), action.as_str());
        Scope::parse(&text).ok().map(Self)
    }

    /// The scope token.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.0
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What is acted on: the text before the last colon.
    #[must_use]
    pub fn key(&self) -> &str {
        self.as_str().rsplit_once(':').map_or("", |(key, _)| key)
    }

    /// The action: the text after the last colon.
    #[must_use]
    pub fn action(&self) -> &str {
        self.as_str().rsplit_once(':').map_or("", |(_, action)| action)
    }

    /// The first part of the key: the service of an owned permission, the outermost resource of a named one.
    #[must_use]
    pub fn realm(&self) -> &str {
        self.as_str().split(['.', ':']).next().unwrap_or_default()
    }

    /// Whose resources it is about; nobody's in particular when it is a named one.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.key().split('.').nth(1)
    }

    /// Whether whoever has this has `other`, too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        covers(self.as_str(), other.as_str())
    }
}

impl std::fmt::Display for Permission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether the scope `held` grants `wanted`: it is the same, or both are owned, with one action and one path below the
/// other.
#[must_use]
pub fn covers(held: &str, wanted: &str) -> bool {
    held == wanted || ancestors(wanted).any(|ancestor| is_action_on(held, ancestor))
}

/// An owned permission's path and action.
pub(crate) fn split(scope: &str) -> Option<(Path<'_>, &str)> {
    let (key, action) = scope.rsplit_once(':')?;
    Action::from_name(action)?;
    Some((Path::parse(key).ok()?, action))
}

/// Path and action of everything else that grants an owned permission; nothing for other scopes.
pub(crate) fn ancestors(scope: &str) -> impl Iterator<Item = (&str, &str)> {
    split(scope)
        .into_iter()
        .flat_map(|(path, action)| path.above().map(move |above| (above, action)))
}

fn is_action_on(scope: &str, (key, action): (&str, &str)) -> bool {
    scope
        .strip_prefix(key)
        .and_then(|rest| rest.strip_prefix(':'))
        .is_some_and(|rest| rest == action)
}

fn is_segment(part: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=MAX_SEGMENT_LEN).contains(&part.len()) && part.bytes().all(allowed)
}

#[cfg(test)]
mod tests;
