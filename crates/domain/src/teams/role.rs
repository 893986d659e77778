//! Giving a member another role.
//! Refuses roles above those of whoever gives or takes them, and any other role for the root user.

use model::Ctx;
use model::audit::Actor;
use model::team::{Membership, MembershipId, TeamRole};
use serde_json::json;

use super::remove::{judge, stays};
use super::seated::note_change;
use super::{Seated, TeamError};
use crate::audit::{Happened, record};
use crate::authority::Authority;

impl Authority {
    /// The membership as it is afterwards. Invitations that the member could not make any more are withdrawn.
    ///
    /// # Errors
    /// See [`TeamError`].
    pub async fn change_member_role(
        &self,
        ctx: &Ctx,
        seated: &Seated,
        (id, role): (MembershipId, TeamRole),
    ) -> Result<Membership, TeamError> {
        let (authority, at) = (self.clone(), ctx.clone());
        let (account, by) = (seated.account().clone(), seated.user());
        let work = self.database.write::<_, TeamError, _>(move |w| {
            Box::pin(async move {
                let was = judge(w, (&account, by), id).await?;
                let own = storage::memberships::find_of_user(w, account.as_str(), by).await?;
                if own.is_none_or(|own| !own.role.covers(role)) {
                    return Err(TeamError::AboveOwn);
                }
                if was.role == role {
                    return Ok(was);
                }
                if !storage::memberships::update_role(w, &was, role).await? {
                    return Err(stays(w, &was).await?);
                }
                if !role.covers(was.role) {
                    storage::invitations::revoke_made_by(w, (&account, was.user_id), at.now).await?;
                }
                let happened = Happened {
                    actor: Actor::User(by),
                    action: "team.role_changed",
                    target: Some(id.to_string()),
                    detail: json!({
                        "account": account,
                        "user": was.user_id,
                        "from": was.role.as_str(),
                        "to": role.as_str(),
                    }),
                };
                record(w, &at, happened).await?;
                note_change(w, &authority.settings, &at, was.user_id).await?;
                Ok(Membership { role, ..was })
            })
        });
        let changed = work.await?;
        self.catch_up().await?;
        Ok(changed)
    }
}
