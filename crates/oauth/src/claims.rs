//! Standard claims and the scopes that ask for them (OpenID Connect Core §5.4).
//! Refuses to guess: a scope that is not in the table asks for no claim.

/// Claims of the `profile` scope.
pub const PROFILE: &[&str] = &[
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
];
/// Claims of the `email` scope.
pub const EMAIL: &[&str] = &["email", "email_verified"];
/// Claims of the `address` scope.
pub const ADDRESS: &[&str] = &["address"];
/// Claims of the `phone` scope.
pub const PHONE: &[&str] = &["phone_number", "phone_number_verified"];

/// The claims that a scope asks for.
#[must_use]
pub fn of_scope(scope: &str) -> &'static [&'static str] {
    match scope {
        "profile" => PROFILE,
        "email" => EMAIL,
        "address" => ADDRESS,
        "phone" => PHONE,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_claim_belongs_to_two_scopes() {
        let all = [PROFILE, EMAIL, ADDRESS, PHONE].concat();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(of_scope("openid").is_empty());
    }
}
