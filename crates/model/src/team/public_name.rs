//! What people who don't know somebody are told that they are called.
//! Refuses to pass on what they typed as it is: it stands in letters, and must not look like anything but a name.

use super::account_name::AccountName;
use super::address_hint;
use crate::email::Email;
use crate::user::User;
use crate::username::Username;

/// The name, else the user name, else a hint of the address; a name that would not do for an account doesn't do here either.
pub fn public_name(user: &User) -> String {
    let username = user.username.as_ref().map(Username::as_str);
    name_among([user.profile.name.as_deref(), username], &user.email)
}

pub(super) fn name_among<const N: usize>(names: [Option<&str>; N], email: &Email) -> String {
    let fit = |name: &str| name.parse::<AccountName>().ok();
    let first = names.into_iter().flatten().find_map(fit);
    first.map_or_else(|| address_hint(email), |name| name.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S04: an inviter's name is no place for a link.
    #[test]
    fn a_name_that_is_none_is_passed_over() {
        let email: Email = "ada@example.org".parse().unwrap();
        let name = |names| name_among(names, &email);
        assert_eq!(name([Some("Ada"), Some("ada1")]), "Ada");
        assert_eq!(name([Some("Click https://evil.example"), Some("ada1")]), "ada1");
        assert_eq!(name([Some("a\r\nb"), None]), "a…@example.org");
        assert_eq!(name([None, None]), "a…@example.org");
    }
}
