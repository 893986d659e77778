//! Shutting an account, and opening it again.
//! Refuses to revive: what was ended stays ended. What an administrator's deletion has not yet erased stays.

use model::audit::Actor;
use model::grant::GrantEnd;
use model::{Ctx, UserId};
use serde_json::json;
use storage::Writer;

use super::{AdministrationError, require_expendable, require_user};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::account_endings::end_account_of;
use crate::people::deletion::cancel;
use crate::people::endings::end_all;
use crate::settings::Settings;

impl Authority {
    /// Ends every session, grant and token of the user and lets nobody in any more; false when it was so already.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn disable_user(
        &self,
        ctx: &Ctx,
        user: UserId,
        by: Actor,
    ) -> Result<bool, AdministrationError> {
        let (authority, ctx) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                require_expendable(w, user, &by).await?;
                Ok(disable_within(w, &authority.settings, &ctx, (user, by)).await?)
            })
        });
        let disabled = work.await?;
        if disabled {
            self.catch_up().await?;
        }
        Ok(disabled)
    }

    /// Also takes back a deletion by an administrator, which is one that was asked for when the account was shut. False when
    /// the user was not disabled.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn enable_user(&self, ctx: &Ctx, user: UserId, by: Actor) -> Result<bool, AdministrationError> {
        let ctx = ctx.clone();
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                let shut_at = require_user(w, user, &by).await?.disabled_at;
                let enabled = storage::users::enable(w, user, ctx.now).await?;
                if enabled {
                    let deletion = storage::account_deletions::find(w, user).await?;
                    if deletion.is_some_and(|deletion| shut_at <= Some(deletion.requested_at)) {
                        cancel(w, &ctx, (user, by.clone())).await?;
                    }
                    let happened = Happened {
                        actor: by,
                        action: "user.enabled",
                        target: Some(user.to_string()),
                        detail: json!({}),
                    };
                    record(w, &ctx, happened).await?;
                }
                Ok(enabled)
            })
        });
        work.await
    }
}

/// The caller catches up after the commit.
pub(super) async fn disable_within(
    w: &mut Writer,
    settings: &Settings,
    ctx: &Ctx,
    (user, by): (UserId, Actor),
) -> Result<bool, Fault> {
    if !storage::users::disable(w, user, ctx.now).await? {
        return Ok(false);
    }
    let (sessions, grants) = end_all(w, settings, ctx, (user, GrantEnd::UserDisabled)).await?;
    end_account_of(w, settings, ctx, user).await?;
    let happened = Happened {
        actor: by,
        action: "user.disabled",
        target: Some(user.to_string()),
        detail: json!({ "sessions": sessions, "grants": grants }),
    };
    record(w, ctx, happened).await?;
    Ok(true)
}
