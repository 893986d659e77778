//! Letting somebody try again at once whose account has counted too many attempts.
//! Refuses to forgive networks: whoever guesses from one goes on waiting.

use model::audit::Actor;
use model::{Ctx, Timestamp, UserId};
use serde_json::json;

use super::{AdministrationError, require_user};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::throttle::subjects_of_account;

impl Authority {
    /// Until when the account takes no password or code, if it is so now.
    ///
    /// # Errors
    /// Storage.
    pub async fn locked_until(&self, ctx: &Ctx, user: UserId) -> Result<Option<Timestamp>, Fault> {
        let mut reader = self.database.read().await?;
        let mut latest = None;
        for subject in subjects_of_account(user) {
            let found = storage::throttles::find(&mut reader, &subject).await?;
            latest = latest.max(found.map(|throttle| throttle.blocked_until));
        }
        Ok(latest.filter(|until| *until > ctx.now))
    }

    /// Forgets the attempts that were counted on the account; false when it was not locked.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn unlock_user(&self, ctx: &Ctx, user: UserId, by: Actor) -> Result<bool, AdministrationError> {
        let ctx = ctx.clone();
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                require_user(w, user, &by).await?;
                let mut was_locked = false;
                for subject in subjects_of_account(user) {
                    let found = storage::throttles::find(w, &subject).await?;
                    was_locked |= found.is_some_and(|throttle| throttle.blocked_until > ctx.now);
                    storage::throttles::clear(w, &subject).await?;
                }
                if was_locked {
                    let happened = Happened {
                        actor: by,
                        action: "user.unlocked",
                        target: Some(user.to_string()),
                        detail: json!({}),
                    };
                    record(w, &ctx, happened).await?;
                }
                Ok(was_locked)
            })
        });
        work.await
    }
}
