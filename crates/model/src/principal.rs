//! Who a sign-in proves and a session belongs to: a person, or an IAM user of an account.
//! Refuses to tell them apart where that makes no difference.

use crate::clock::Timestamp;
use crate::iam::IamUser;
use crate::id::UserId;
use crate::password::PasswordHash;
use crate::user::User;

#[derive(Clone)]
#[expect(
    clippy::large_enum_variant,
    reason = "one exists for each sign-in, and none is kept"
)]
pub enum Principal {
    Person(User),
    Iam(IamUser),
}

impl Principal {
    pub fn id(&self) -> UserId {
        match self {
            Self::Person(user) => user.id,
            Self::Iam(user) => user.id,
        }
    }

    pub fn password(&self) -> Option<&PasswordHash> {
        match self {
            Self::Person(user) => user.password.as_ref(),
            Self::Iam(user) => user.password.as_ref(),
        }
    }

    pub fn disabled_at(&self) -> Option<Timestamp> {
        match self {
            Self::Person(user) => user.disabled_at,
            Self::Iam(user) => user.disabled_at,
        }
    }

    pub fn person(&self) -> Option<&User> {
        match self {
            Self::Person(user) => Some(user),
            Self::Iam(_) => None,
        }
    }

    pub fn iam(&self) -> Option<&IamUser> {
        match self {
            Self::Person(_) => None,
            Self::Iam(user) => Some(user),
        }
    }

    pub fn into_person(self) -> Option<User> {
        match self {
            Self::Person(user) => Some(user),
            Self::Iam(_) => None,
        }
    }

    /// The name to show: of a person as other people see it, of an IAM user within the account.
    pub fn display_name(&self) -> &str {
        match self {
            Self::Person(user) => user.display_name(),
            Self::Iam(user) => user.name.as_str(),
        }
    }
}

impl From<User> for Principal {
    fn from(user: User) -> Self {
        Self::Person(user)
    }
}

impl From<IamUser> for Principal {
    fn from(user: IamUser) -> Self {
        Self::Iam(user)
    }
}
