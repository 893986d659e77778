//! What is said by mail about a team.
//! Refuses to build a link from anything but the configured address (L14).

use model::PlainSecret;
use model::iam::AccountId;
use model::team::{Account, Invitation, Membership, public_name};
use model::{Ctx, UserId};
use storage::{Query, StorageError, Writer};

use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::mail::{Event, Letter, Message};

/// The one with the link.
pub(super) async fn invitation_letter(
    q: &mut impl Query,
    (issuer, secret): (&str, &PlainSecret),
    invitation: &Invitation,
) -> Result<Message, StorageError> {
    Ok(Message::TeamInvitation {
        link: format!("{issuer}/join?token={}", secret.expose()),
        account: title(q, &invitation.account_id).await?,
        inviter: name_of(q, invitation.invited_by).await?,
        role: invitation.role.as_str().to_owned(),
        expires_at: invitation.expires_at,
    })
}

pub(super) async fn title(q: &mut impl Query, account: &AccountId) -> Result<String, StorageError> {
    let found = storage::accounts::find(q, account).await?;
    Ok(found.map_or_else(|| account.to_string(), |account| account.title))
}

pub(super) async fn name_of(q: &mut impl Query, user: UserId) -> Result<String, StorageError> {
    let found = storage::users::find_by_id(q, user).await?;
    Ok(found.map_or_else(|| "A member".to_owned(), |user| public_name(&user)))
}

impl Authority {
    /// Tells the account's root user who works there from now on (L19).
    pub(super) async fn tell_owner(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (account, member): (&Account, &Membership),
    ) -> Result<(), Fault> {
        let root = storage::users::find_by_id(w, account.root).await?;
        let Some(root) = root else { return Ok(()) };
        let joined = Message::MemberJoined {
            account: account.title.clone(),
            member: name_of(w, member.user_id).await?,
            role: member.role.as_str().to_owned(),
            event: Event::of(ctx),
        };
        let letter = Letter::to_user(ctx, &root, joined);
        self.enqueue(w, ctx, &Job::Send(letter)).await
    }
}
