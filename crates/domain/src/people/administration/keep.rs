//! Taking back a deletion that has not been carried out, whoever has asked for it.
//! Refuses to bring anything back that ended: keys and sessions stay ended.

use model::audit::Actor;
use model::{Ctx, UserId};

use super::{AdministrationError, require_user};
use crate::authority::Authority;
use crate::people::deletion::cancel;

impl Authority {
    /// Also enables the account again when it was an administrator who deleted it. False when no deletion is pending.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn keep_user(&self, ctx: &Ctx, user: UserId, by: Actor) -> Result<bool, AdministrationError> {
        let (at, asked_by) = (ctx.clone(), by.clone());
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                require_user(w, user, &asked_by).await?;
                let found = storage::account_deletions::find(w, user).await?;
                cancel(w, &at, (user, asked_by)).await?;
                Ok(found)
            })
        });
        let Some(deletion) = work.await? else {
            return Ok(false);
        };
        let shut_at = self.read_user(user, &by).await?.disabled_at;
        if shut_at.is_some_and(|shut_at| shut_at <= deletion.requested_at) {
            self.enable_user(ctx, user, by).await?;
        }
        Ok(true)
    }
}
