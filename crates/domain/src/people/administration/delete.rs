//! The end of an account by an administrator: shut at once, erased when the time of grace is over.
//! Refuses to be undone by the owner, and to put off what the owner has asked for; enabling the account undoes it.

use model::audit::Actor;
use model::deletion::AccountDeletion;
use model::{Ctx, PlainSecret, SecretDigest, Timestamp, UserId};
use oauth::opaque::OpaqueKind;
use serde_json::json;
use storage::Writer;

use super::state::disable_within;
use super::{AdministrationError, require_expendable};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;

impl Authority {
    /// Nobody gets in from now on, a deletion that its owner has asked for can't be cancelled any more by them, and a job
    /// erases what is personal at the time that is returned. Asking again changes nothing.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn delete_user(
        &self,
        ctx: &Ctx,
        user: UserId,
        by: Actor,
    ) -> Result<Timestamp, AdministrationError> {
        let (authority, ctx) = (self.clone(), ctx.clone());
        let nobody_knows = PlainSecret::generate(OpaqueKind::MailLink, ctx.random.as_ref());
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                require_expendable(w, user, &by).await?;
                disable_within(w, &authority.settings, &ctx, (user, by.clone())).await?;
                let scheduled_for = authority
                    .schedule_end(w, &ctx, (user, nobody_knows.digest()))
                    .await?;
                let happened = Happened {
                    actor: by,
                    action: "user.deleted",
                    target: Some(user.to_string()),
                    detail: json!({ "scheduled_for": scheduled_for.to_string() }),
                };
                record(w, &ctx, happened).await?;
                Ok(scheduled_for)
            })
        });
        let scheduled_for = work.await?;
        self.ring();
        self.catch_up().await?;
        Ok(scheduled_for)
    }

    /// What the owner has asked for before is not put off.
    async fn schedule_end(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (user_id, secret): (UserId, SecretDigest),
    ) -> Result<Timestamp, Fault> {
        let latest = ctx.now.plus(self.settings.deletion_grace);
        let pending = storage::account_deletions::find(w, user_id).await?;
        let deletion = AccountDeletion {
            user_id,
            secret,
            requested_at: ctx.now,
            scheduled_for: pending.map_or(latest, |pending| pending.scheduled_for.min(latest)),
        };
        storage::account_deletions::take_over(w, &deletion).await?;
        let erase = Job::Erase { user: user_id };
        self.enqueue_at(w, ctx, &erase, deletion.scheduled_for).await?;
        Ok(deletion.scheduled_for)
    }
}
