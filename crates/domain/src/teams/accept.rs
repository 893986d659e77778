//! Joining: whoever has the link, and the confirmed address it was sent to, becomes a member, once.
//! Refuses everybody else in the same words as for a link that never was.

use model::audit::Actor;
use model::billing::plan::SEATS;
use model::email::Email;
use model::team::{Account, Invitation, InvitationState, Membership, MembershipId};
use model::user::User;
use model::{Ctx, UserId};
use serde_json::json;
use storage::{StorageError, Writer};

use super::invitations::find;
use super::seated::note_change;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::licences::Exceeded;

/// Why somebody did not join.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// Unknown, or for somebody else.
    #[error("there is no such invitation for you")]
    NotFound,
    /// Of the invited address; the account that has it has never shown that it is its owner's.
    #[error("the address has to be confirmed first")]
    EmailNotVerified,
    /// Used, withdrawn, replaced or expired.
    #[error("the invitation was used, withdrawn or has expired")]
    Gone,
    #[error("you are a member already")]
    AlreadyMember,
    /// No seat is free.
    #[error(transparent)]
    Exceeded(#[from] Exceeded),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for AcceptError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

/// Where somebody works from now on.
#[derive(Clone, Debug)]
pub struct Joined {
    pub membership: Membership,
    pub account: Account,
}

impl Authority {
    /// # Errors
    /// See [`AcceptError`]. Of many acceptances of one link, one wins.
    pub async fn accept_invitation(
        &self,
        ctx: &Ctx,
        user: &User,
        token: &str,
    ) -> Result<Joined, AcceptError> {
        let mut reader = self.database.read().await?;
        let invitation = find(&mut reader, token).await?;
        drop(reader);
        let invitation = invitation.filter(|invitation| invitation.email == user.email);
        let invitation = invitation.ok_or(AcceptError::NotFound)?;
        if user.email_verified_at.is_none() {
            return Err(AcceptError::EmailNotVerified);
        }
        if invitation.state(ctx.now) != InvitationState::Open {
            return Err(AcceptError::Gone);
        }
        let (authority, at, id) = (self.clone(), ctx.clone(), user.id);
        let work = self.database.write::<_, AcceptError, _>(move |w| {
            Box::pin(async move { authority.join(w, &at, (id, invitation)).await })
        });
        let joined = work.await?;
        self.ring();
        self.catch_up().await?;
        Ok(joined)
    }

    async fn join(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (user, invitation): (UserId, Invitation),
    ) -> Result<Joined, AcceptError> {
        let account = storage::accounts::find(w, &invitation.account_id).await?;
        let account = account.ok_or(AcceptError::Gone)?;
        let taken = storage::invitations::accept(w, invitation.id, &invitation.email, ctx.now).await?;
        if !taken || !still_given(w, &invitation).await? {
            return Err(AcceptError::Gone);
        }
        if !still_theirs(w, user, &invitation.email).await? {
            return Err(AcceptError::NotFound);
        }
        let membership = Membership {
            id: MembershipId::random(ctx.random.as_ref()),
            account_id: invitation.account_id.clone(),
            user_id: user,
            role: invitation.role,
            invited_by: Some(invitation.invited_by),
            created_at: ctx.now,
        };
        if !storage::memberships::insert(w, &membership).await? {
            return Err(AcceptError::AlreadyMember);
        }
        // Of two at once the later one waits for the account, and counts the earlier one.
        storage::licences::hold_account(w, &account.id).await?;
        let others = storage::memberships::count(w, &account.id).await? - 1;
        let others = u64::try_from(others).unwrap_or_default();
        if let Some(room) = self.room_for(w, ctx, (&account.id, SEATS, others)).await? {
            room?;
        }
        self.tell_owner(w, ctx, (&account, &membership)).await?;
        let happened = Happened {
            actor: Actor::User(user),
            action: "team.joined",
            target: Some(membership.id.to_string()),
            detail: json!({
                "account": membership.account_id,
                "invitation": invitation.id,
                "role": membership.role.as_str(),
            }),
        };
        record(w, ctx, happened).await?;
        note_change(w, &self.settings, ctx, user).await?;
        Ok(Joined { membership, account })
    }
}

/// T03: whoever invited may have lost what they gave.
async fn still_given(w: &mut Writer, invitation: &Invitation) -> Result<bool, StorageError> {
    let (account, by) = (&invitation.account_id, invitation.invited_by);
    let inviter = storage::memberships::find_of_user(w, account.as_str(), by).await?;
    Ok(inviter.is_some_and(|inviter| inviter.role.covers(invitation.role)))
}

/// Whether it is the user's confirmed address at this moment.
async fn still_theirs(w: &mut Writer, user: UserId, email: &Email) -> Result<bool, StorageError> {
    let user = storage::users::find_by_id(w, user).await?;
    let holds = |user: &User| user.email == *email && user.email_verified_at.is_some();
    Ok(user.is_some_and(|user| user.disabled_at.is_none() && holds(&user)))
}
