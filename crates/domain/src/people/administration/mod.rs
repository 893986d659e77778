//! What administrators and operators do with the accounts of others.
//! Refuses whoever is no administrator at the moment of the change, whatever their door believes.

mod accounts;
mod api_keys;
mod create;
mod delete;
mod find;
mod keep;
mod list;
mod mailbox;
mod role;
mod sessions;
mod state;
mod terms;
mod unlock;
mod update;

use model::UserId;
use model::audit::Actor;
use model::user::User;
use storage::{Query, StorageError, Writer};

pub use accounts::{AccountFile, MOST_SHOWN, WithPolicies};
pub use api_keys::{FoundKey, MOST_KEYS};
pub use list::{MOST_FOUND, MOST_PER_PAGE, UserPage, UserQuery};
pub use sessions::{FoundSession, MOST_SESSIONS};
pub use update::UserChange;

use super::account::{AccountProblems, PrepareError};
use crate::fault::Fault;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    #[error("only administrators do this")]
    NotAdministrator,
    #[error("there is no such user")]
    UnknownUser,
    #[error("administrators do not do this to themselves")]
    Oneself,
    #[error("nobody else administers this server")]
    OnlyAdministrator,
    #[error("the account has problems")]
    Invalid(Box<AccountProblems>),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for AdministrationError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<PrepareError> for AdministrationError {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Invalid(problems) => Self::Invalid(problems),
            PrepareError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// T07: the command line may; a user may who is an enabled administrator now; nobody else.
pub(crate) async fn require_administrator(q: &mut impl Query, by: &Actor) -> Result<(), AdministrationError> {
    let may = match by {
        Actor::Operator | Actor::System => true,
        Actor::User(id) => storage::users::find_standing(q, *id)
            .await?
            .is_some_and(|user| user.is_admin() && user.disabled_at.is_none()),
        _ => false,
    };
    may.then_some(()).ok_or(AdministrationError::NotAdministrator)
}

/// The user to whom something is done that administrators do not do to themselves, nor to the last of them.
async fn require_expendable(w: &mut Writer, id: UserId, by: &Actor) -> Result<User, AdministrationError> {
    if *by == Actor::User(id) {
        return Err(AdministrationError::Oneself);
    }
    let others = storage::users::hold_other_admins(w, id).await?;
    // After the hold: whoever acts may have been demoted by the one who held before.
    let user = require_user(w, id, by).await?;
    if user.is_admin() && user.disabled_at.is_none() && others == 0 {
        return Err(AdministrationError::OnlyAdministrator);
    }
    Ok(user)
}

/// The user to whom an administrator does something.
async fn require_user(q: &mut impl Query, id: UserId, by: &Actor) -> Result<User, AdministrationError> {
    require_administrator(q, by).await?;
    let found = storage::users::find_standing(q, id).await?;
    found.ok_or(AdministrationError::UnknownUser)
}
