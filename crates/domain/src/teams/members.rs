//! Who works in an account.
//! Refuses to list anybody else's.

use model::iam::AccountId;
use model::team::{Member, MembershipId};

use super::Seated;
use crate::authority::Authority;
use crate::fault::Fault;

impl Authority {
    /// One of them, for a door that knows that the caller works there.
    ///
    /// # Errors
    /// Storage.
    pub async fn find_member(&self, account: &AccountId, id: MembershipId) -> Result<Option<Member>, Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::memberships::find_member(&mut reader, account, id).await?)
    }

    /// The first ones first, and how many they are.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_members(&self, seated: &Seated, part: (i64, i64)) -> Result<(Vec<Member>, i64), Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::memberships::list(&mut reader, seated.account(), part).await?)
    }
}
