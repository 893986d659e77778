//! The groups of an account, to look at.
//! Changes nothing.

use model::UserId;
use model::iam_policy::Group;

use super::find::group_named;
use super::{IamError, Permit};
use crate::authority::Authority;
use crate::fault::Fault;

/// A part of a list, and how long that is.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    pub items: Vec<T>,
    pub total: u64,
}

/// The statement's bounds for a part of a list.
pub(super) fn part((limit, offset): (u32, u64)) -> (i64, i64) {
    (i64::from(limit), i64::try_from(offset).unwrap_or(i64::MAX))
}

impl Authority {
    /// By name; as many as the first number from the second on.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_groups(&self, permit: &Permit, which: (u32, u64)) -> Result<Listed<Group>, Fault> {
        let mut reader = self.database.read().await?;
        let items = storage::iam_groups::list(&mut reader, permit.account(), part(which)).await?;
        let total = storage::iam_groups::count(&mut reader, permit.account()).await?;
        Ok(Listed { items, total })
    }

    /// The group of exactly this name, and the names of those who are in it.
    ///
    /// # Errors
    /// [`IamError::Unknown`], and storage.
    pub async fn read_group(&self, permit: &Permit, name: &str) -> Result<(Group, Vec<String>), IamError> {
        let mut reader = self.database.read().await?;
        let group = group_named(&mut reader, permit.account(), name).await?;
        let members = storage::iam_groups::member_names(&mut reader, group.id).await?;
        Ok((group, members))
    }

    /// The names of the groups that an IAM user is in.
    ///
    /// # Errors
    /// Storage.
    pub async fn groups_of(&self, user: UserId) -> Result<Vec<String>, Fault> {
        let mut reader = self.database.read().await?;
        let groups = storage::iam_groups::list_of_user(&mut reader, user).await?;
        Ok(groups.into_iter().map(|group| group.name.to_string()).collect())
    }
}
