//! The licences that an account has had, for administrators.
//! Refuses everybody else.

use model::Timestamp;
use model::audit::Actor;
use model::billing::Licence;
use model::iam::AccountId;

use super::LicenceError;
use crate::authority::Authority;
use crate::people::administration::require_administrator;

const MOST: i64 = 100;

impl Authority {
    /// The newest first, each with when another one took its place.
    ///
    /// # Errors
    /// See [`LicenceError`].
    pub async fn licence_history(
        &self,
        account: &AccountId,
        by: &Actor,
    ) -> Result<Vec<(Licence, Option<Timestamp>)>, LicenceError> {
        let mut reader = self.database.read().await?;
        require_administrator(&mut reader, by).await?;
        if storage::licences::account_made_at(&mut reader, account)
            .await?
            .is_none()
        {
            return Err(LicenceError::UnknownAccount);
        }
        Ok(storage::licences::list(&mut reader, account, MOST).await?)
    }
}
