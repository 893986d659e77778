//! Authentication context classes: the ones the server issues, and which of them is at least as strong as another.
//! Refuses to rank classes it does not know: those are only equal to themselves.

/// One factor: a password, a mail, or another provider's word.
pub const PASSWORD: &str = "urn:authz:acr:password";
/// Two factors.
pub const MFA: &str = "urn:authz:acr:mfa";
/// The classes the server issues, weakest first.
pub const KNOWN: &[&str] = &[PASSWORD, MFA];

/// Whether a sign-in of class `has` is at least of class `wanted`.
#[must_use]
pub fn satisfies(has: &str, wanted: &str) -> bool {
    let rank = |acr: &str| KNOWN.iter().position(|known| *known == acr);
    has == wanted || rank(wanted).is_some_and(|wanted| rank(has) >= Some(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stronger_class_satisfies_a_weaker_one_and_not_the_other_way() {
        assert!(satisfies(MFA, PASSWORD) && satisfies(MFA, MFA) && satisfies("gold", "gold"));
        assert!(!satisfies(PASSWORD, MFA));
    }

    #[test]
    fn unknown_classes_are_compared_exactly() {
        for (has, wanted) in [
            ("gold", PASSWORD),
            (MFA, "gold"),
            ("gold", "Gold"),
            ("", PASSWORD),
        ] {
            assert!(!satisfies(has, wanted), "{has} {wanted}");
        }
    }
}
