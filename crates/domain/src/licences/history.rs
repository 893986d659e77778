//! The licences that an account has had, for administrators, and for its owner's copy of everything.
//! Refuses everybody else.

use model::audit::Actor;
use model::billing::Licence;
use model::iam::AccountId;
use model::{Timestamp, UserId};
use serde_json::{Value, json};

use super::LicenceError;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::administration::require_administrator;

const MOST: i64 = 100;
const MOST_MONTHS: i64 = 5_000;

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

    /// What the user's own account has had, and what it has used.
    pub(crate) async fn export_licences(&self, user: UserId) -> Result<Value, Fault> {
        let mut reader = self.database.read().await?;
        let Some(account) = storage::accounts::find_of_root(&mut reader, user).await? else {
            return Ok(Value::Null);
        };
        let licences = storage::licences::list(&mut reader, &account, MOST).await?;
        let licences = licences.iter().map(|(licence, replaced)| {
            json!({
                "plan": licence.binding.plan,
                "seats": licence.binding.seats,
                "status": licence.binding.status.as_str(),
                "valid_from": licence.valid_from.to_string(),
                "valid_until": licence.binding.valid_until.map(|until| until.to_string()),
                "replaced_at": replaced.map(|at| at.to_string()),
            })
        });
        let licences: Vec<Value> = licences.collect();
        let ever = (Timestamp::EPOCH, Timestamp::FAR_FUTURE);
        let used = storage::usage::list(&mut reader, &account, ever, MOST_MONTHS).await?;
        let used = used.iter().map(|one| {
            json!({
                "metric": one.metric,
                "period_start": one.period_start.to_string(),
                "used": one.used,
                "charged": one.charged,
            })
        });
        Ok(json!({ "licences": licences, "usage": used.collect::<Vec<_>>() }))
    }
}
