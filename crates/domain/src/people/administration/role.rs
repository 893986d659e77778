//! Making somebody an administrator, and no longer.
//! Refuses to leave the server without one, and to let anybody demote themselves.

use model::audit::Actor;
use model::grant::GrantEnd;
use model::user::Role;
use model::{Ctx, UserId};
use serde_json::json;

use super::{AdministrationError, require_expendable};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::people::endings::end_all;

impl Authority {
    /// The user signs in again afterwards: what was issued under the old role ends. False when it was the role already.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn change_role(
        &self,
        ctx: &Ctx,
        user: UserId,
        role: Role,
        by: Actor,
    ) -> Result<bool, AdministrationError> {
        let (authority, ctx) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                let before = require_expendable(w, user, &by).await?.role;
                if before == role
                    || !storage::users::update_role(w, user, (before, role), ctx.now).await?
                {
                    return Ok(false);
                }
                let why = GrantEnd::RoleChanged;
                let (sessions, grants) = end_all(w, &authority.settings, &ctx, (user, why)).await?;
                let happened = Happened {
                    actor: by,
                    action: "user.role_changed",
                    target: Some(user.to_string()),
                    detail: json!({ "from": before.as_str(), "to": role.as_str(), "sessions": sessions, "grants": grants }),
                };
                record(w, &ctx, happened).await?;
                Ok(true)
            })
        });
        let changed = work.await?;
        if changed {
            self.catch_up().await?;
        }
        Ok(changed)
    }
}
