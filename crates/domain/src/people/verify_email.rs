//! Confirming that the address of an account is its owner's, and giving the account another one.
//! Refuses an address that the account does not have any more, and one that somebody else has.

use model::audit::Actor;
use model::challenge::{Challenge, Purpose};
use model::email::Email;
use model::user::User;
use model::{ChallengeId, Ctx, PlainSecret, UserId};
use oauth::opaque::OpaqueKind;
use serde_json::json;
use storage::{StorageError, Writer};

use super::challenge::{AskError, AskedIn, ProofError};
use super::endings::end_all_but;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::mail::{Letter, Message};

/// What proves a mailbox for these pages.
pub const CONFIRMING: [Purpose; 2] = [Purpose::VerifyEmail, Purpose::ChangeEmail];

/// Why the address did not change.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmEmailError {
    #[error("the link or code is wrong, was used or has expired")]
    Invalid,
    #[error("somebody else has this address by now")]
    Taken,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for ConfirmEmailError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::UniqueViolation => Self::Taken,
            error => Self::Fault(error.into()),
        }
    }
}

impl Authority {
    /// Asks for a mail that confirms the user's own address.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask_to_verify(
        &self,
        ctx: &Ctx,
        user: &User,
        asked_in: AskedIn,
    ) -> Result<ChallengeId, AskError> {
        let to = (user.email.clone(), Some(user.id));
        self.ask(ctx, Purpose::VerifyEmail, to, asked_in).await
    }

    /// Asks for a mail to the address the account is to have. Whether somebody else has it is told to nobody.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask_to_change_email(
        &self,
        ctx: &Ctx,
        user: &User,
        email: &str,
        asked_in: AskedIn,
    ) -> Result<ChallengeId, AskError> {
        let email = email.parse().map_err(|_| AskError::Malformed)?;
        self.ask(ctx, Purpose::ChangeEmail, (email, Some(user.id)), asked_in)
            .await
    }

    /// The mailbox was proven: the address is confirmed, or becomes the account's.
    ///
    /// # Errors
    /// See [`ConfirmEmailError`].
    pub async fn confirm_email(
        &self,
        ctx: &Ctx,
        (challenge, user): (Challenge, User),
    ) -> Result<Email, ConfirmEmailError> {
        let confirmed = challenge.email.clone();
        match challenge.purpose {
            Purpose::ChangeEmail => self.change_email(ctx, challenge, user).await?,
            _ => self.verify_email(ctx, challenge, user).await?,
        }
        Ok(confirmed)
    }

    /// The same with the code of the mail that was last sent to this address to confirm it. Costs the same for an
    /// address that nobody has.
    ///
    /// # Errors
    /// See [`ConfirmEmailError`].
    pub async fn confirm_email_by_code(
        &self,
        ctx: &Ctx,
        email: &str,
        code: &str,
    ) -> Result<Email, ConfirmEmailError> {
        let email: Email = email.parse().map_err(|_| ConfirmEmailError::Invalid)?;
        let mut reader = self.database.read().await?;
        let owner = storage::users::find_by_email(&mut reader, email.as_str()).await?;
        let owner = owner.map_or_else(|| UserId::random(ctx.random.as_ref()), |user| user.id);
        let open = storage::challenges::find_open(&mut reader, owner, Purpose::VerifyEmail, ctx.now).await?;
        drop(reader);
        let id = open.map_or_else(|| ChallengeId::random(ctx.random.as_ref()), |open| open.id);
        let proof = (id.to_string(), code);
        let proven = self
            .prove_by_code(ctx, &[Purpose::VerifyEmail], (&proof.0, proof.1))
            .await;
        match proven {
            Ok(proven) => self.confirm_email(ctx, proven).await,
            Err(ProofError::Invalid) => Err(ConfirmEmailError::Invalid),
            Err(ProofError::Fault(fault)) => Err(fault.into()),
        }
    }

    async fn verify_email(
        &self,
        ctx: &Ctx,
        challenge: Challenge,
        user: User,
    ) -> Result<(), ConfirmEmailError> {
        let ctx = ctx.clone();
        self.database
            .write(move |w| {
                Box::pin(async move {
                    let holds = user.email == challenge.email
                        && storage::challenges::consume(w, challenge.id, ctx.now).await?;
                    if !holds {
                        return Err(ConfirmEmailError::Invalid);
                    }
                    note_verified(w, &ctx, (&user, &challenge.email)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// The old address is told, with a link that takes the change back.
    async fn change_email(
        &self,
        ctx: &Ctx,
        challenge: Challenge,
        user: User,
    ) -> Result<(), ConfirmEmailError> {
        let secret = PlainSecret::generate(OpaqueKind::MailLink, ctx.random.as_ref());
        let undo = Challenge {
            id: ChallengeId::random(ctx.random.as_ref()),
            purpose: Purpose::UndoEmailChange,
            email: user.email.clone(),
            secret: secret.digest(),
            expires_at: ctx.now.plus(Purpose::UndoEmailChange.ttl()),
            // As old as the wish for the change: what came after it may be its author's.
            ..challenge.clone()
        };
        let letter = Letter::to_user(
            ctx,
            &user,
            Message::EmailChanged {
                new: challenge.email.clone(),
                link: self.mail_link(Purpose::UndoEmailChange, &secret),
            },
        );
        let (authority, ctx) = (self.clone(), ctx.clone());
        self.database
            .write(move |w| {
                Box::pin(async move {
                    let emails = (&user.email, &challenge.email);
                    let holds = storage::challenges::consume(w, challenge.id, ctx.now).await?
                        && storage::users::change_email(w, user.id, emails, ctx.now).await?;
                    if !holds {
                        return Err(ConfirmEmailError::Invalid);
                    }
                    storage::challenges::put(w, &undo).await?;
                    authority.enqueue(w, &ctx, &Job::Send(letter)).await?;
                    let happened = Happened {
                        actor: Actor::User(user.id),
                        action: "user.email_changed",
                        target: Some(user.id.to_string()),
                        detail: json!({ "from": emails.0.as_str(), "to": emails.1.as_str() }),
                    };
                    record(w, &ctx, happened).await?;
                    Ok(())
                })
            })
            .await?;
        self.ring();
        Ok(())
    }
}

impl Authority {
    /// Whoever signs in by the mailbox of an account whose address was never confirmed is its owner; whoever made the account
    /// may have been somebody else, and leaves with sessions, password and linked accounts. Not where there is a second step:
    /// its holder would go on in an account that a mail alone had confirmed.
    pub(super) async fn confirm_mailbox(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (user, email): (&User, &Email),
    ) -> Result<(), Fault> {
        if user.email_verified_at.is_some() || user.email != *email || !mail_is_proof_enough(w, user).await? {
            return Ok(());
        }
        note_verified(w, ctx, (user, email)).await?;
        storage::users::set_password(w, user.id, None, ctx.now).await?;
        self.drop_links(w, ctx, user.id).await?;
        end_all_but(w, &self.settings, ctx, (user.id, None)).await?;
        Ok(())
    }
}

/// Whether the mailbox alone says whose account it is: not while somebody's second factor says it, too.
pub(super) async fn mail_is_proof_enough(w: &mut Writer, user: &User) -> Result<bool, StorageError> {
    Ok(storage::second_factors::count_factors(w, user.id).await? == 0)
}

pub(super) async fn note_verified(
    w: &mut Writer,
    ctx: &Ctx,
    (user, email): (&User, &Email),
) -> Result<(), StorageError> {
    if !storage::users::verify_email(w, user.id, email, ctx.now).await? {
        return Ok(());
    }
    let happened = Happened {
        actor: Actor::User(user.id),
        action: "user.email_verified",
        target: Some(user.id.to_string()),
        detail: json!({ "email": email.as_str() }),
    };
    record(w, ctx, happened).await
}
