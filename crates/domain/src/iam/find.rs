//! From the names in a request to the things of the account.
//! Refuses names that are spelt otherwise: what a policy says of one spelling must hold for what is found by it.

use model::iam::{AccountId, IamName, IamUser};
use model::iam_policy::Group;
use storage::Query;

use super::{IamError, Named, Permit};
use crate::authority::Authority;

impl Authority {
    /// The user of exactly this name in the account of the permit.
    ///
    /// # Errors
    /// [`IamError::Unknown`], and storage.
    pub async fn iam_user_named(&self, permit: &Permit, name: &str) -> Result<IamUser, IamError> {
        let mut reader = self.database.read().await?;
        user_named(&mut reader, permit.account(), name).await
    }
}

pub(super) async fn user_named(
    q: &mut impl Query,
    account: &AccountId,
    name: &str,
) -> Result<IamUser, IamError> {
    let Ok(parsed) = name.parse::<IamName>() else {
        return Err(IamError::Unknown(Named::User));
    };
    let found = storage::iam_users::find_by_name(q, account, &parsed).await?;
    let found = found.filter(|user| user.name == parsed);
    found.ok_or(IamError::Unknown(Named::User))
}

pub(super) async fn group_named(
    q: &mut impl Query,
    account: &AccountId,
    name: &str,
) -> Result<Group, IamError> {
    let Ok(parsed) = name.parse::<IamName>() else {
        return Err(IamError::Unknown(Named::Group));
    };
    let found = storage::iam_groups::find_by_name(q, account, &parsed).await?;
    let found = found.filter(|group| group.name == parsed);
    found.ok_or(IamError::Unknown(Named::Group))
}

/// The name of a new thing.
pub(super) fn parsed(name: &str, of: Named) -> Result<IamName, IamError> {
    name.parse().map_err(|error| IamError::Name(of, error))
}
