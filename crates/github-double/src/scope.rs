//! The scopes of OAuth apps: which exist, and which contain others.
//! Drops what GitHub does not know, and what a wider scope already says.

use std::collections::BTreeSet;

const KNOWN: [&str; 41] = [
    "admin:enterprise",
    "admin:gpg_key",
    "admin:org",
    "admin:org_hook",
    "admin:public_key",
    "admin:repo_hook",
    "admin:ssh_signing_key",
    "audit_log",
    "codespace",
    "copilot",
    "delete:packages",
    "delete_repo",
    "gist",
    "manage_runners:org",
    "notifications",
    "project",
    "public_repo",
    "read:audit_log",
    "read:gpg_key",
    "read:org",
    "read:packages",
    "read:project",
    "read:public_key",
    "read:repo_hook",
    "read:ssh_signing_key",
    "read:user",
    "repo",
    "repo:invite",
    "repo:status",
    "repo_deployment",
    "security_events",
    "user",
    "user:email",
    "user:follow",
    "workflow",
    "write:gpg_key",
    "write:org",
    "write:packages",
    "write:public_key",
    "write:repo_hook",
    "write:ssh_signing_key",
];

const CONTAINED: [(&str, &[&str]); 14] = [
    ("admin:gpg_key", &["write:gpg_key", "read:gpg_key"]),
    ("admin:org", &["write:org", "read:org", "manage_runners:org"]),
    ("admin:public_key", &["write:public_key", "read:public_key"]),
    ("admin:repo_hook", &["write:repo_hook", "read:repo_hook"]),
    (
        "admin:ssh_signing_key",
        &["write:ssh_signing_key", "read:ssh_signing_key"],
    ),
    ("audit_log", &["read:audit_log"]),
    ("project", &["read:project"]),
    (
        "repo",
        &[
            "public_repo",
            "repo:invite",
            "repo:status",
            "repo_deployment",
            "security_events",
        ],
    ),
    ("user", &["read:user", "user:email", "user:follow"]),
    ("write:gpg_key", &["read:gpg_key"]),
    ("write:org", &["read:org"]),
    ("write:packages", &["read:packages"]),
    ("write:public_key", &["read:public_key"]),
    ("write:repo_hook", &["read:repo_hook"]),
];

/// A set of scopes in GitHub's normal form: known, sorted, none contained in another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scopes(BTreeSet<&'static str>);

impl Scopes {
    /// Reads a list with spaces or commas between the scopes.
    pub(crate) fn parse(text: &str) -> Self {
        let named: BTreeSet<&str> = text.split([' ', ',']).collect();
        let mut scopes: BTreeSet<&'static str> =
            KNOWN.into_iter().filter(|scope| named.contains(scope)).collect();
        for (wide, narrow) in CONTAINED {
            if scopes.contains(wide) {
                scopes.retain(|scope| !narrow.contains(scope));
            }
        }
        Self(scopes)
    }

    /// Whether one of these scopes is, or contains, the wanted one.
    pub(crate) fn allow(&self, wanted: &str) -> bool {
        let contains = |wide: &str| {
            CONTAINED
                .iter()
                .any(|(name, narrow)| *name == wide && narrow.contains(&wanted))
        };
        self.0.iter().any(|scope| *scope == wanted || contains(scope))
    }

    /// Whether every scope of the other set is allowed by this one.
    pub(crate) fn cover(&self, other: &Self) -> bool {
        other.0.iter().all(|scope| self.allow(scope))
    }

    /// Both sets together.
    pub(crate) fn union(&self, other: &Self) -> Self {
        Self::parse(&format!("{},{}", self.join(","), other.join(",")))
    }

    pub(crate) fn join(&self, separator: &str) -> String {
        self.names().join(separator)
    }

    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.0.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_sorted_and_a_wide_one_swallows_the_narrow() {
        assert_eq!(
            Scopes::parse("user:email read:user").join(","),
            "read:user,user:email"
        );
        assert_eq!(Scopes::parse("user,user:email,nonsense").join(","), "user");
        assert_eq!(Scopes::parse("").join(","), "");
    }

    #[test]
    fn reading_a_profile_does_not_allow_reading_addresses() {
        assert!(!Scopes::parse("read:user").allow("user:email"));
        assert!(Scopes::parse("user").allow("user:email"));
        assert!(Scopes::parse("user").cover(&Scopes::parse("read:user")));
    }
}
