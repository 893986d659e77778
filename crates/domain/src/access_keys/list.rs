//! The access keys of an IAM user, without their secrets.

use model::access_key::AccessKey;
use model::iam::IamUser;

use crate::authority::Authority;
use crate::fault::Fault;
use crate::iam::Permit;

impl Authority {
    /// Oldest first.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_access_keys(&self, _: &Permit, user: &IamUser) -> Result<Vec<AccessKey>, Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::access_keys::list(&mut reader, user.id).await?)
    }
}
