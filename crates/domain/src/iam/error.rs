//! Why nothing of an account was shown or changed.
//! Refuses to tell what belongs to another account from what there is not.

use model::iam::IamNameError;
use storage::StorageError;

use super::limits::Counted;
use super::reach::Beyond;
use crate::fault::Fault;
use crate::licences::Exceeded;
use crate::people::IamPasswordError;

/// What there is at most one of by a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Named {
    User,
    Group,
    Policy,
}

#[derive(Debug, thiserror::Error)]
pub enum IamError {
    #[error("there is no such {0:?}")]
    Unknown(Named),
    #[error("the user or group does not have this policy")]
    NotAttached,
    #[error("the user is not in the group")]
    NotInGroup,
    #[error("{1}")]
    Name(Named, IamNameError),
    #[error("the name is taken")]
    Taken(Named),
    #[error("no more than {most}: {what:?}")]
    TooMany { what: Counted, most: u64 },
    /// Of the plan.
    #[error(transparent)]
    Exceeded(#[from] Exceeded),
    #[error("managed policies stay")]
    Managed,
    /// With the users (`user/<name>`) and groups (`group/<name>`) that have it.
    #[error("the policy is in use")]
    InUse(Vec<String>),
    #[error("a description has at most 1000 characters")]
    Description,
    #[error("{0}")]
    Grammar(policy::GrammarError),
    /// The password stays as it is.
    #[error(transparent)]
    Password(IamPasswordError),
    /// Keys of programs manage no credentials.
    #[error("this needs somebody who is signed in")]
    SessionRequired,
    /// P07: nobody grants above himself.
    #[error("{0}")]
    Beyond(Box<Beyond>),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for IamError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Beyond> for IamError {
    fn from(beyond: Beyond) -> Self {
        Self::Beyond(Box::new(beyond))
    }
}

impl From<IamPasswordError> for IamError {
    fn from(error: IamPasswordError) -> Self {
        match error {
            IamPasswordError::Fault(fault) => Self::Fault(fault),
            other => Self::Password(other),
        }
    }
}
