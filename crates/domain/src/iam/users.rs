//! The IAM users of an account, to look at.
//! Changes nothing.

use model::iam::IamUser;

use super::find::user_named;
use super::groups::{Listed, part};
use super::{IamError, Permit};
use crate::authority::Authority;
use crate::fault::Fault;

/// A user, and what there is to tell of them.
#[derive(Clone)]
pub struct UserCard {
    pub user: IamUser,
    /// The names of their groups.
    pub groups: Vec<String>,
    /// Whether a code is asked for when they sign in.
    pub second_factor: bool,
}

impl Authority {
    /// By name; as many as the first number from the second on.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_iam_users(&self, permit: &Permit, which: (u32, u64)) -> Result<Listed<IamUser>, Fault> {
        let (limit, offset) = part(which);
        let mut reader = self.database.read().await?;
        let items = storage::iam_users::list(&mut reader, permit.account(), (offset, limit)).await?;
        let total = storage::iam_users::count(&mut reader, permit.account()).await?;
        let total = u64::try_from(total).unwrap_or_default();
        Ok(Listed { items, total })
    }

    /// The user of exactly this name.
    ///
    /// # Errors
    /// [`IamError::Unknown`], and storage.
    pub async fn read_iam_user(&self, permit: &Permit, name: &str) -> Result<UserCard, IamError> {
        let mut reader = self.database.read().await?;
        let user = user_named(&mut reader, permit.account(), name).await?;
        drop(reader);
        let groups = self.groups_of(user.id).await?;
        let second_factor = self.second_factor_state(user.id).await?.is_on();
        Ok(UserCard {
            user,
            groups,
            second_factor,
        })
    }
}
