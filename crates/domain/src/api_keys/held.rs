//! What a user may do, and so may hand to a key, at this moment.
//! Refuses other people's resources and administration to whoever does not administer.

use model::UserId;
use model::user::Role;
use oauth::permission::{Permission, PermissionSet};
use oauth::scope::ScopeSet;

use super::ApiKeySettings;

const ADMINISTRATION: &str = "admin";

/// Why a user can't hold a permission.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Lack {
    #[error("the resources are somebody else's")]
    ForeignOwner,
    #[error("only administrators may have this permission")]
    AdministratorsOnly,
    #[error("this permission is not given to keys")]
    NotOffered,
}

/// Whether whoever has this role may hold the permission.
pub(super) fn lack(
    settings: &ApiKeySettings,
    (user, role): (UserId, Role),
    permission: &Permission,
) -> Option<Lack> {
    if role == Role::Admin {
        return None;
    }
    let realm = permission.realm();
    if realm.starts_with(ADMINISTRATION) || settings.reserved.iter().any(|reserved| reserved == realm) {
        return Some(Lack::AdministratorsOnly);
    }
    match permission.owner() {
        Some(owner) => (owner != user.to_string()).then_some(Lack::ForeignOwner),
        None => {
            let offered = settings.named.as_ref();
            let offered = offered.is_none_or(|named| named.covers(permission.as_str()));
            (!offered).then_some(Lack::NotOffered)
        }
    }
}

/// The part of what a key was made for that its maker may still do.
pub(super) fn still_held(
    settings: &ApiKeySettings,
    maker: (UserId, Role),
    permissions: &PermissionSet,
) -> ScopeSet {
    let held = permissions
        .iter()
        .filter(|permission| lack(settings, maker, permission).is_none());
    held.map(|permission| permission.scope().clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::SystemRandom;

    /// K04, P07
    #[test]
    fn nobody_hands_on_what_is_not_theirs() {
        let user = UserId::random(&SystemRandom);
        let settings = ApiKeySettings {
            reserved: vec!["usage".to_owned()],
            named: Some(ScopeSet::parse("databases:read usage:write").unwrap()),
            ..ApiKeySettings::default()
        };
        let own = format!("compute.{user}.containers:read");
        let admin_of_own = format!("admin.{user}:read");
        for (text, expected) in [
            ("databases:read", None),
            (own.as_str(), None),
            ("databases:write", Some(Lack::NotOffered)),
            ("usage:write", Some(Lack::AdministratorsOnly)),
            ("admin:users:read", Some(Lack::AdministratorsOnly)),
            (&admin_of_own, Some(Lack::AdministratorsOnly)),
            ("compute.usr_x:read", Some(Lack::ForeignOwner)),
        ] {
            let permission = Permission::parse(text).unwrap();
            assert_eq!(
                lack(&settings, (user, Role::User), &permission),
                expected,
                "{text}"
            );
            assert_eq!(lack(&settings, (user, Role::Admin), &permission), None, "{text}");
        }
    }
}
