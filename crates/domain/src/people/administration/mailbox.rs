//! What administrators do about somebody's mailbox: a link for another password, and taking the address as confirmed.
//! Refuses to see or choose a password: the link goes to the mailbox and nowhere else.

use model::audit::Actor;
use model::challenge::Purpose;
use model::{Ctx, UserId};
use serde_json::json;

use super::{AdministrationError, require_user};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::jobs::Job;
use crate::people::challenge::{AskedIn, Asking};

impl Authority {
    /// Sends the user a link with which they choose another password; false when the account is disabled, which gets no
    /// such mail.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn send_reset_link(
        &self,
        ctx: &Ctx,
        user: UserId,
        by: Actor,
    ) -> Result<bool, AdministrationError> {
        let (authority, ctx) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                let user = require_user(w, user, &by).await?;
                if user.disabled_at.is_some() {
                    return Ok(false);
                }
                let asking = Asking {
                    purpose: Purpose::ResetPassword,
                    user: None,
                    ..Asking::to_confirm(&ctx, &user, AskedIn::default())
                };
                authority.enqueue(w, &ctx, &Job::Ask(asking)).await?;
                let happened = Happened {
                    actor: by,
                    action: "user.reset_link_sent",
                    target: Some(user.id.to_string()),
                    detail: json!({}),
                };
                record(w, &ctx, happened).await?;
                Ok(true)
            })
        });
        let sent = work.await?;
        self.ring();
        Ok(sent)
    }

    /// Takes the address that the user has now as proven; false when it was so before.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn confirm_email_of(
        &self,
        ctx: &Ctx,
        user: UserId,
        by: Actor,
    ) -> Result<bool, AdministrationError> {
        let ctx = ctx.clone();
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                let user = require_user(w, user, &by).await?;
                if !storage::users::verify_email(w, user.id, &user.email, ctx.now).await? {
                    return Ok(false);
                }
                let happened = Happened {
                    actor: by,
                    action: "user.email_verified",
                    target: Some(user.id.to_string()),
                    detail: json!({ "email": user.email.as_str(), "by": "administrator" }),
                };
                record(w, &ctx, happened).await?;
                Ok(true)
            })
        });
        work.await
    }
}
