//! The three notations of permissions: a map from paths to actions, a list, and a scope string.
//! Refuses entries of another notation: a map holds owned permissions only.

use std::collections::BTreeMap;
use std::fmt;

use super::{Action, Path, Permission, PermissionError, PermissionProblem, PermissionSet};

impl PermissionSet {
    /// Reads a map from `<service>.<owner>[.<resource>[.<id>]]` to the actions allowed there.
    pub fn from_map<'e>(
        entries: impl IntoIterator<Item = (&'e str, Vec<&'e str>)>,
    ) -> Result<Self, PermissionError> {
        Self::collect(entries.into_iter().flat_map(|(key, actions)| {
            let permissions: Vec<_> = match (Path::parse(key), actions.is_empty()) {
                (Err(problem), _) => vec![Err(PermissionError::at(key, problem))],
                (Ok(_), true) => vec![Err(PermissionError::at(key, PermissionProblem::NoAction))],
                (Ok(path), false) => actions.into_iter().map(|name| on(&path, name)).collect(),
            };
            permissions
        }))
    }

    /// Reads a list of `<resource>:<action>`.
    pub fn from_list<'e>(entries: impl IntoIterator<Item = &'e str>) -> Result<Self, PermissionError> {
        let read = |entry| Permission::parse(entry).map_err(|problem| PermissionError::at(entry, problem));
        Self::collect(entries.into_iter().map(read))
    }

    /// Reads scope tokens between single spaces (RFC 6749 §3.3).
    pub fn from_scope_string(text: &str) -> Result<Self, PermissionError> {
        Self::from_list(text.split(' ').filter(|_| !text.is_empty()))
    }

    /// As a map, keys in their order, actions in the order of asking.
    #[must_use]
    pub fn to_map(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut map: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for permission in self.iter() {
            map.entry(permission.key()).or_default().push(permission.action());
        }
        map
    }

    /// As a list, in the order of asking.
    #[must_use]
    pub fn to_list(&self) -> Vec<&str> {
        self.iter().map(Permission::as_str).collect()
    }
}

/// The scope string.
impl fmt::Display for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_list().join(" "))
    }
}

fn on(path: &Path<'_>, name: &str) -> Result<Permission, PermissionError> {
    let blame = |problem| PermissionError::at(&format!("{}: {name}", path.as_str()), problem);
    let action = Action::from_name(name).ok_or_else(|| blame(PermissionProblem::UnknownAction))?;
    Permission::owned(path, action).ok_or_else(|| blame(PermissionProblem::Malformed))
}
