//! The account that tokens of somebody signed in with us act in.
//! Refuses to let applications act in any, and anybody in an account that is not theirs.

use model::grant::Grant;
use model::iam::{AccountId, TokenAccount};
use model::principal::Principal;
use model::user::User;
use model::{Ctx, UserId};
use storage::{Reader, StorageError};

use super::first_party::is_first_party;
use crate::authority::Authority;
use crate::fault::Fault;

/// The person who was found, else the IAM user of this id.
pub(super) async fn principal(
    reader: &mut Reader,
    person: Option<User>,
    id: UserId,
) -> Result<Option<Principal>, StorageError> {
    if let Some(user) = person {
        return Ok(Some(user.into()));
    }
    let user = storage::iam_users::find_by_id(reader, id).await?;
    Ok(user.map(Principal::from))
}

impl Authority {
    /// Whether the person is the account's root user or works in it.
    ///
    /// # Errors
    /// Storage.
    pub async fn is_in_account(&self, user: UserId, account: &AccountId) -> Result<bool, Fault> {
        let mut reader = self.database.read().await?;
        if storage::accounts::find_of_root(&mut reader, user).await?.as_ref() == Some(account) {
            return Ok(true);
        }
        let found = storage::memberships::find_of_user(&mut reader, account.as_str(), user).await?;
        Ok(found.is_some())
    }

    /// What was chosen, else their own; an IAM user's is the one they live in.
    pub(super) async fn account_of_grant(
        &self,
        ctx: &Ctx,
        grant: &Grant,
        principal: &Principal,
    ) -> Result<Option<TokenAccount>, Fault> {
        if !is_first_party(&grant.client_id) {
            return Ok(None);
        }
        Ok(Some(match (principal, &grant.account_id) {
            (Principal::Iam(user), _) => TokenAccount::of_iam(user),
            (Principal::Person(_), Some(chosen)) => TokenAccount {
                id: chosen.clone(),
                chosen: true,
                iam_user: None,
            },
            (Principal::Person(user), None) => TokenAccount::own(self.account_number(ctx, user.id).await?),
        }))
    }
}
