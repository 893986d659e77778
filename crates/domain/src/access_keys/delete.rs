//! The end of an access key, with everything it was exchanged for.
//! Refuses to end one of another user.

use model::Ctx;
use model::Timestamp;
use model::access_key::AccessKeyId;
use model::iam::IamUser;
use model::revocation::RevocationTarget;
use serde_json::json;

use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::iam::{IamError, Permit};
use crate::revocation;

impl Authority {
    /// False when the user has no such key.
    ///
    /// # Errors
    /// [`IamError::Beyond`] for a key of an administrator of the account (P07), and storage.
    pub async fn delete_access_key(
        &self,
        ctx: &Ctx,
        permit: &Permit,
        (user, id): (&IamUser, AccessKeyId),
    ) -> Result<bool, IamError> {
        let happened = Happened {
            actor: permit.actor(),
            action: "access_key.deleted",
            target: Some(id.to_string()),
            detail: json!({ "account_id": user.account_id, "username": user.name }),
        };
        // An access key never comes back, so whatever names it has ended, also what an exchange at this moment is issuing.
        let target = RevocationTarget::Key(id.as_key(), Timestamp::FAR_FUTURE);
        let (authority, at) = (self.clone(), ctx.clone());
        let (user, permit) = (user.id, permit.clone());
        let work = self.database.write::<_, IamError, _>(move |w| {
            Box::pin(async move {
                permit.check_over(w, user).await?;
                if !storage::access_keys::delete(w, id, user).await? {
                    return Ok(false);
                }
                record(w, &at, happened).await?;
                revocation::append(w, &authority.settings, &at, target).await?;
                Ok(true)
            })
        });
        let ended = work.await?;
        if ended {
            self.catch_up().await?;
        }
        Ok(ended)
    }
}
