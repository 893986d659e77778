//! The end of an account by an administrator: shut at once, erased by the next job.
//! Refuses to wait for a time of grace: that is its owner's.

use model::audit::Actor;
use model::deletion::AccountDeletion;
use model::{Ctx, PlainSecret, UserId};
use oauth::opaque::OpaqueKind;
use serde_json::json;

use super::state::disable_within;
use super::{AdministrationError, require_expendable};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::jobs::Job;

impl Authority {
    /// Nobody gets in from now on, a deletion that its owner has asked for can't be cancelled any more, and a job erases
    /// what is personal.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn delete_user(&self, ctx: &Ctx, user: UserId, by: Actor) -> Result<(), AdministrationError> {
        let nobody_knows = PlainSecret::generate(OpaqueKind::MailLink, ctx.random.as_ref());
        let deletion = AccountDeletion {
            user_id: user,
            secret: nobody_knows.digest(),
            requested_at: ctx.now,
            scheduled_for: ctx.now,
        };
        let (authority, ctx) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                require_expendable(w, user, &by).await?;
                disable_within(w, &authority.settings, &ctx, (user, by.clone())).await?;
                storage::account_deletions::hasten(w, &deletion).await?;
                authority.enqueue(w, &ctx, &Job::Erase { user }).await?;
                let happened = Happened {
                    actor: by,
                    action: "user.deleted",
                    target: Some(user.to_string()),
                    detail: json!({}),
                };
                Ok(record(w, &ctx, happened).await?)
            })
        });
        work.await?;
        self.ring();
        Ok(self.catch_up().await?)
    }
}
