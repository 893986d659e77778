//! Asking somebody into an account: a link by mail, good once and for a week.
//! Refuses roles above the inviter's, and to tell anybody but the mailbox what the link is.

use std::time::Duration;

use model::audit::Actor;
use model::billing::plan::SEATS;
use model::email::Email;
use model::team::{Invitation, InvitationId, TeamRole, address_hint};
use model::{Ctx, JobId, PlainSecret};
use oauth::opaque::OpaqueKind;
use serde_json::json;
use storage::{StorageError, Writer};

use super::Seated;
use super::letters::invitation_letter;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::licences::Exceeded;
use crate::mail::Letter;
use crate::people::throttle::Counters;

/// Why nobody was invited.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    #[error("this is not an email address")]
    Malformed,
    #[error("an invitation gives one of the roles admin, member, billing and viewer")]
    NoSuchRole,
    /// T03
    #[error("nobody gives a role above their own")]
    AboveOwn,
    /// Whoever asks is no member, but a user inside the account.
    #[error("only members of the account invite")]
    MembersOnly,
    #[error("this address belongs to somebody who is a member already")]
    AlreadyMember,
    #[error("too many invitations are open; withdraw some of them first")]
    TooManyOpen,
    #[error(transparent)]
    Exceeded(#[from] Exceeded),
    #[error("too many mails, wait {} s", retry_after.as_secs())]
    TooManyMails { retry_after: Duration },
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for InviteError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

/// An invitation that is on its way.
#[derive(Clone, Debug)]
pub struct Invited {
    pub invitation: Invitation,
    /// Whether an earlier one for the same address has stopped working.
    pub replaced: bool,
}

impl Authority {
    /// Invites whoever has the mailbox. An earlier invitation of the same address stops working.
    ///
    /// # Errors
    /// See [`InviteError`].
    pub async fn invite(
        &self,
        ctx: &Ctx,
        seated: &Seated,
        (email, role): (&str, TeamRole),
    ) -> Result<Invited, InviteError> {
        let email: Email = email.parse().map_err(|_| InviteError::Malformed)?;
        if !TeamRole::INVITED.contains(&role) {
            return Err(InviteError::NoSuchRole);
        }
        let counters = Counters::of_mail(ctx, email.as_str());
        if let Err(retry_after) = self.count_attempt(ctx, &counters).await? {
            return Err(InviteError::TooManyMails { retry_after });
        }
        let invitation = Invitation {
            id: InvitationId::random(ctx.random.as_ref()),
            account_id: seated.account().clone(),
            email,
            role,
            invited_by: seated.user(),
            created_at: ctx.now,
            expires_at: ctx.now.plus(self.settings.teams.invitation_ttl),
            accepted_at: None,
            revoked_at: None,
        };
        let (authority, at, made) = (self.clone(), ctx.clone(), invitation.clone());
        let written = self
            .database
            .write::<_, InviteError, _>(move |w| Box::pin(async move { authority.put(w, &at, made).await }));
        let replaced = written.await?;
        self.ring();
        Ok(Invited { invitation, replaced })
    }

    async fn put(&self, w: &mut Writer, ctx: &Ctx, invitation: Invitation) -> Result<bool, InviteError> {
        let (account, by) = (&invitation.account_id, invitation.invited_by);
        let own = storage::memberships::find_of_user(w, account.as_str(), by).await?;
        let own = own.ok_or(InviteError::MembersOnly)?;
        if !own.role.covers(invitation.role) {
            return Err(InviteError::AboveOwn);
        }
        if storage::memberships::has_address(w, account, &invitation.email).await? {
            return Err(InviteError::AlreadyMember);
        }
        let secret = PlainSecret::generate(OpaqueKind::Invitation, ctx.random.as_ref());
        let replaced = storage::invitations::replace(w, &invitation, &secret.digest()).await?;
        let open = storage::invitations::count_open(w, account, ctx.now).await?;
        if open > i64::from(self.settings.teams.most_invitations) {
            return Err(InviteError::TooManyOpen);
        }
        // Whoever is invited has a seat kept, this one among them.
        let seats = storage::memberships::count(w, account).await? + open - 1;
        let seats = u64::try_from(seats).unwrap_or_default();
        if let Some(room) = self.room_for(w, ctx, (account, SEATS, seats)).await? {
            room?;
        }
        let letter = Letter {
            id: JobId::random(ctx.random.as_ref()),
            to: invitation.email.clone(),
            user: None,
            message: invitation_letter(w, (&self.settings.issuer, &secret), &invitation).await?,
        };
        self.enqueue(w, ctx, &Job::Send(letter)).await?;
        let happened = Happened {
            actor: Actor::User(by),
            action: "team.invited",
            target: Some(invitation.id.to_string()),
            // Of the address no more than a hint: its owner may have nothing to do with us.
            detail: json!({
                "account": account,
                "email": address_hint(&invitation.email),
                "role": invitation.role.as_str(),
                "replaced": replaced,
            }),
        };
        record(w, ctx, happened).await?;
        Ok(replaced)
    }
}
