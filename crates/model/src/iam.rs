//! Accounts by number, and those who sign in inside one.
//! Refuses to mix them with people: an IAM user has no mailbox and no name outside the account.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::UserId;
use crate::password::PasswordHash;

/// The number of an account: twelve digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account number has twelve digits")]
pub struct AccountIdError;

impl AccountId {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How policies name the account's root user.
    pub fn root_arn(&self) -> String {
        format!("arn:authz:iam::{self}:root")
    }
}

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, AccountIdError> {
        let valid = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        valid.then(|| Self(text.to_owned())).ok_or(AccountIdError)
    }
}

/// The name of a user, group or policy of an account: unique among its kind, whatever the case.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IamName(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 64 letters, digits or characters of +=,.@_-")]
pub struct IamNameError;

impl IamName {
    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is compared.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl FromStr for IamName {
    type Err = IamNameError;

    fn from_str(text: &str) -> Result<Self, IamNameError> {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
        let valid = (1..=64).contains(&text.len()) && text.bytes().all(known);
        valid.then(|| Self(text.to_owned())).ok_or(IamNameError)
    }
}

impl TryFrom<String> for AccountId {
    type Error = AccountIdError;
    fn try_from(text: String) -> Result<Self, AccountIdError> {
        text.parse()
    }
}
impl From<AccountId> for String {
    fn from(id: AccountId) -> Self {
        id.0
    }
}
impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for IamName {
    type Error = IamNameError;
    fn try_from(text: String) -> Result<Self, IamNameError> {
        text.parse()
    }
}
impl From<IamName> for String {
    fn from(name: IamName) -> Self {
        name.0
    }
}
impl fmt::Display for IamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The account that a token acts in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenAccount {
    pub id: AccountId,
    /// At the sign-in; else it is the user's own, and other accounts of theirs may be named in requests.
    pub chosen: bool,
    /// Whose name it is in the account, when the token is an IAM user's.
    pub iam_user: Option<IamName>,
}

impl TokenAccount {
    /// That of somebody who chose none.
    pub fn own(id: AccountId) -> Self {
        Self {
            id,
            chosen: false,
            iam_user: None,
        }
    }

    /// That of an IAM user, who has no other.
    pub fn of_iam(user: &IamUser) -> Self {
        Self {
            id: user.account_id.clone(),
            chosen: false,
            iam_user: Some(user.name.clone()),
        }
    }
}

/// Somebody, or a program, that signs in inside an account. Passwords, sessions and second factors hang on the id, as they do
/// for people.
#[derive(Clone)]
pub struct IamUser {
    pub id: UserId,
    pub account_id: AccountId,
    pub name: IamName,
    pub password: Option<PasswordHash>,
    /// Since when a password opens the console; none for programs only.
    pub console_since: Option<Timestamp>,
    pub password_set_at: Option<Timestamp>,
    /// Since when the password has to be changed before anything else.
    pub change_required_at: Option<Timestamp>,
    /// Also set while the account's root user is disabled.
    pub disabled_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl IamUser {
    pub fn new(id: UserId, account_id: AccountId, name: IamName, created_at: Timestamp) -> Self {
        Self {
            id,
            account_id,
            name,
            password: None,
            console_since: None,
            password_set_at: None,
            change_required_at: None,
            disabled_at: None,
            created_at,
        }
    }

    pub fn arn(&self) -> String {
        format!("arn:authz:iam::{}:user/{}", self.account_id, self.name)
    }

    /// What stands in the place of an address: no mailbox can have it (RFC 6761 §6.4).
    pub fn placeholder(&self) -> String {
        format!("{}@iam.invalid", self.id)
    }

    /// Whether a right password would let them in.
    pub fn may_sign_in(&self) -> bool {
        self.console_since.is_some() && self.password.is_some() && self.disabled_at.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn account_numbers_have_twelve_digits() {
        for text in ["000000000000", "123456789012"] {
            assert_eq!(text.parse::<AccountId>().map(String::from).as_deref(), Ok(text));
        }
        for text in ["", "12345678901", "1234567890123", "12345678901a", "１２３４"] {
            assert_eq!(text.parse::<AccountId>(), Err(AccountIdError), "{text}");
        }
    }

    #[test]
    fn names_are_kept_as_given_and_compared_without_case() {
        let name: IamName = "Ci-Bot+1=x,y.z@team_a".parse().unwrap();
        assert_eq!(name.as_str(), "Ci-Bot+1=x,y.z@team_a");
        assert_eq!(name.key(), "ci-bot+1=x,y.z@team_a");
        for text in ["", "a b", "a/b", "a*", "ü", &"a".repeat(65)] {
            assert_eq!(text.parse::<IamName>(), Err(IamNameError), "{text}");
        }
    }

    #[test]
    fn only_a_password_with_console_access_lets_in() {
        let mut user = IamUser::new(
            UserId::random(&SystemRandom),
            "123456789012".parse().unwrap(),
            "bot".parse().unwrap(),
            Timestamp::EPOCH,
        );
        assert_eq!(user.arn(), "arn:authz:iam::123456789012:user/bot");
        assert!(!user.may_sign_in());
        user.password = Some(PasswordHash::from_phc(String::new()));
        assert!(!user.may_sign_in());
        user.console_since = Some(Timestamp::EPOCH);
        assert!(user.may_sign_in());
        user.disabled_at = Some(Timestamp::EPOCH);
        assert!(!user.may_sign_in());
    }
}
