//! Invitations that are open: the list, taking one back, and what the holder of a link may know.
//! Refuses to tell a link's holder the address, and whether a link that is dead was ever alive.

use model::audit::Actor;
use model::email::Email;
use model::team::{Invitation, InvitationId, InvitationState, TeamRole, address_hint};
use model::user::User;
use model::{Ctx, SecretDigest, Timestamp};
use oauth::opaque::{self, OpaqueKind};
use serde_json::json;
use storage::{Query, StorageError};

use super::letters::{name_of, title};
use super::{Seated, TeamError};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

/// What whoever has the link is told before they have signed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InvitationInfo {
    pub account_name: String,
    pub inviter_name: String,
    pub email_hint: String,
    pub role: TeamRole,
    pub expires_at: Timestamp,
    email: Email,
}

impl InvitationInfo {
    /// Whether the invitation is for the address that the user has.
    pub fn is_for(&self, user: &User) -> bool {
        self.email == user.email
    }
}

impl Authority {
    /// Those that can still be accepted, newest first, and how many they are.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_invitations(
        &self,
        ctx: &Ctx,
        seated: &Seated,
        part: (i64, i64),
    ) -> Result<(Vec<Invitation>, i64), Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::invitations::list_open(&mut reader, (seated.account(), ctx.now), part).await?)
    }

    /// Takes one back: its link stops working.
    ///
    /// # Errors
    /// [`TeamError::NotFound`] when none such is open in this account.
    pub async fn revoke_invitation(
        &self,
        ctx: &Ctx,
        seated: &Seated,
        id: InvitationId,
    ) -> Result<(), TeamError> {
        let (account, by, at) = (seated.account().clone(), seated.user(), ctx.clone());
        let work = self.database.write::<_, TeamError, _>(move |w| {
            Box::pin(async move {
                let revoked = storage::invitations::revoke(w, &account, id, at.now).await?;
                let revoked = revoked.ok_or(TeamError::NotFound)?;
                let happened = Happened {
                    actor: Actor::User(by),
                    action: "team.invitation_revoked",
                    target: Some(id.to_string()),
                    detail: json!({ "account": account, "role": revoked.role.as_str() }),
                };
                Ok(record(w, &at, happened).await?)
            })
        });
        work.await
    }

    /// What a link invites to, while it can be accepted. Changes nothing: mail scanners look, too.
    ///
    /// # Errors
    /// Storage.
    pub async fn look_at_invitation(&self, ctx: &Ctx, token: &str) -> Result<Option<InvitationInfo>, Fault> {
        let mut reader = self.database.read().await?;
        let found = find(&mut reader, token).await?;
        let Some(open) = found.filter(|found| found.state(ctx.now) == InvitationState::Open) else {
            return Ok(None);
        };
        Ok(Some(InvitationInfo {
            account_name: title(&mut reader, &open.account_id).await?,
            inviter_name: name_of(&mut reader, open.invited_by).await?,
            email_hint: address_hint(&open.email),
            role: open.role,
            expires_at: open.expires_at,
            email: open.email,
        }))
    }
}

/// What the token names, whatever became of it. A text that is no such token costs no look-up.
pub(super) async fn find(q: &mut impl Query, token: &str) -> Result<Option<Invitation>, StorageError> {
    if opaque::parse(token) != Some(OpaqueKind::Invitation) {
        return Ok(None);
    }
    storage::invitations::find_by_secret(q, &SecretDigest::of(token)).await
}
