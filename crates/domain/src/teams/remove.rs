//! The end of a membership: somebody leaves, or is removed by whoever may.
//! Refuses to take the root user out: an account always has its owner.

use model::audit::Actor;
use model::iam::AccountId;
use model::team::{Membership, MembershipId};
use model::{Ctx, UserId};
use serde_json::json;
use storage::{StorageError, Writer};

use super::Seated;
use super::seated::note_change;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::end_grants_in_account;

/// Why a team stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum TeamError {
    #[error("there is no such thing in this account")]
    NotFound,
    /// The root user's membership, which nothing ends or changes.
    #[error("the account's root user always stays its owner")]
    LastOwner,
    /// T03
    #[error("this is about a role above your own")]
    AboveOwn,
    /// Whoever asks is no member, but a user inside the account.
    #[error("only members of the account do this")]
    MembersOnly,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for TeamError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl Authority {
    /// Removes somebody; what they were given in the account ends at once.
    ///
    /// # Errors
    /// See [`TeamError`].
    pub async fn remove_member(&self, ctx: &Ctx, seated: &Seated, id: MembershipId) -> Result<(), TeamError> {
        self.end_membership(ctx, (seated.account(), seated.user()), id)
            .await
    }

    /// Somebody leaves by themselves; nobody's leave is needed. False when the membership is not theirs.
    ///
    /// # Errors
    /// See [`TeamError`].
    pub async fn leave(
        &self,
        ctx: &Ctx,
        (account, user): (&AccountId, UserId),
        id: MembershipId,
    ) -> Result<bool, TeamError> {
        let mut reader = self.database.read().await?;
        let own = storage::memberships::find_of_user(&mut reader, account.as_str(), user).await?;
        drop(reader);
        if own.is_none_or(|own| own.id != id) {
            return Ok(false);
        }
        self.end_membership(ctx, (account, user), id).await?;
        Ok(true)
    }

    async fn end_membership(
        &self,
        ctx: &Ctx,
        (account, by): (&AccountId, UserId),
        id: MembershipId,
    ) -> Result<(), TeamError> {
        let (authority, at, account) = (self.clone(), ctx.clone(), account.clone());
        let work = self.database.write::<_, TeamError, _>(move |w| {
            Box::pin(async move {
                let ended = judge(w, (&account, by), id).await?;
                if !storage::memberships::delete(w, &ended).await? {
                    return Err(stays(w, &ended).await?);
                }
                authority.close(w, &at, (&ended, by)).await
            })
        });
        work.await?;
        self.catch_up().await?;
        Ok(())
    }

    /// What goes with a membership.
    async fn close(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (ended, by): (&Membership, UserId),
    ) -> Result<(), TeamError> {
        let (account, user) = (&ended.account_id, ended.user_id);
        let revoked = storage::invitations::revoke_made_by(w, (account, user), ctx.now).await?;
        let grants = end_grants_in_account(w, &self.settings, ctx, (user, account)).await?;
        let happened = Happened {
            actor: Actor::User(by),
            action: if user == by {
                "team.left"
            } else {
                "team.member_removed"
            },
            target: Some(ended.id.to_string()),
            detail: json!({
                "account": account,
                "user": user,
                "role": ended.role.as_str(),
                "grants": grants,
                "invitations_revoked": revoked,
            }),
        };
        record(w, ctx, happened).await?;
        note_change(w, &self.settings, ctx, user).await?;
        Ok(())
    }
}

/// The membership that is meant, if whoever asks may touch it: their own, or one that their role covers.
pub(super) async fn judge(
    w: &mut Writer,
    (account, by): (&AccountId, UserId),
    id: MembershipId,
) -> Result<Membership, TeamError> {
    let found = storage::memberships::find(w, account, id).await?;
    let found = found.ok_or(TeamError::NotFound)?;
    let own = storage::memberships::find_of_user(w, account.as_str(), by).await?;
    let own = own.ok_or(TeamError::MembersOnly)?;
    match own.id == found.id || own.role.covers(found.role) {
        true => Ok(found),
        false => Err(TeamError::AboveOwn),
    }
}

/// Why the statement changed nothing.
pub(super) async fn stays(w: &mut Writer, membership: &Membership) -> Result<TeamError, TeamError> {
    let account = storage::accounts::find(w, &membership.account_id).await?;
    Ok(match account {
        Some(account) if account.root == membership.user_id => TeamError::LastOwner,
        _ => TeamError::NotFound,
    })
}
