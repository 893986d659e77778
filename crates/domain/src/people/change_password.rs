//! A new password: by whoever knows the old one, or by whoever has the mailbox.
//! Refuses to leave other sessions alive, and to let the new one be guessed as easily as any.

use model::audit::Actor;
use model::challenge::Purpose;
use model::password::{Password, PasswordHash};
use model::session::Session;
use model::user::User;
use model::{Ctx, PlainSecret};
use serde_json::json;
use std::time::Duration;
use storage::{StorageError, Writer};

use super::Signer;
use super::challenge::ProofError;
use super::endings::end_all_but;
use super::password::PasswordProblem;
use super::presence::is_fresh;
use super::throttle::Counters;
use super::verify_email::{mail_is_proof_enough, note_verified};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::mail::{Event, Letter, Message};

/// What a link to choose a password is sent for.
pub const CHOOSING: [Purpose; 2] = [Purpose::ResetPassword, Purpose::Invite];

/// Why the password stays.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    #[error("the current password is wrong")]
    WrongPassword,
    #[error("too many attempts, wait {} s", retry_after.as_secs())]
    TooManyAttempts { retry_after: Duration },
    /// The account has no password yet, and the sign-in is too old.
    #[error("sign in again first")]
    SignInAgain,
    #[error("{0}")]
    Refused(PasswordProblem),
    #[error("the link is wrong, was used or has expired")]
    LinkInvalid,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for ChangePasswordError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<ProofError> for ChangePasswordError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Invalid => Self::LinkInvalid,
            ProofError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Authority {
    /// By somebody signed in, who proves the old password, or has none yet and has just signed in (S11). All other
    /// sessions end.
    ///
    /// # Errors
    /// See [`ChangePasswordError`].
    pub async fn change_password(
        &self,
        ctx: &Ctx,
        (user, session): (&User, &Session),
        (old, new): (PlainSecret, PlainSecret),
    ) -> Result<(), ChangePasswordError> {
        if user.password.is_some() {
            self.prove_password(ctx, (user, session), &old).await?;
        } else if !is_fresh(ctx, session) {
            return Err(ChangePasswordError::SignInAgain);
        }
        let hash = self.judged_hash(ctx, user, &new).await?;
        let (authority, at, user, keep) = (self.clone(), ctx.clone(), user.clone(), session.id);
        self.database
            .write(move |w| {
                Box::pin(async move {
                    let replaced = match &user.password {
                        Some(old) => storage::users::update_password(w, user.id, old, &hash, at.now).await?,
                        None => storage::users::set_password(w, user.id, Some(&hash), at.now).await?,
                    };
                    if !replaced {
                        return Err(ChangePasswordError::WrongPassword);
                    }
                    let ended = end_all_but(w, &authority.settings, &at, (user.id, Some(keep))).await?;
                    authority.note_changed(w, &at, &user, ended).await
                })
            })
            .await?;
        self.ring();
        self.catch_up().await?;
        Ok(())
    }

    /// Somebody signed in shows that they know the password. Counted like a sign-in, apart from strangers' (L02).
    ///
    /// # Errors
    /// See [`ChangePasswordError`].
    pub async fn prove_password<P: Signer>(
        &self,
        ctx: &Ctx,
        (user, session): (&P, &Session),
        password: &PlainSecret,
    ) -> Result<(), ChangePasswordError> {
        let Ok(password) = Password::new(password.expose()) else {
            return Err(ChangePasswordError::WrongPassword);
        };
        let counters = Counters::of_session(ctx, session.id);
        if let Err(retry_after) = self.count_attempt(ctx, &counters).await? {
            return Err(ChangePasswordError::TooManyAttempts { retry_after });
        }
        let matches = match user.password() {
            Some(stored) => self.hasher.verify(password, stored).await?.matches,
            None => false,
        };
        if !matches {
            return Err(ChangePasswordError::WrongPassword);
        }
        self.database
            .write::<_, StorageError, _>(move |w| Box::pin(async move { counters.forgive(w).await }))
            .await?;
        Ok(())
    }

    /// By whoever has the mailbox. Every session ends; the address is confirmed by it.
    ///
    /// # Errors
    /// See [`ChangePasswordError`].
    pub async fn reset_password(
        &self,
        ctx: &Ctx,
        link: &str,
        new: PlainSecret,
    ) -> Result<(), ChangePasswordError> {
        let (challenge, user) = self.look_at_link(ctx, &CHOOSING, link).await?;
        let hash = self.judged_hash(ctx, &user, &new).await?;
        let (authority, at) = (self.clone(), ctx.clone());
        self.database
            .write(move |w| {
                Box::pin(async move {
                    let holds = user.email == challenge.email
                        && storage::challenges::consume(w, challenge.id, at.now).await?
                        && storage::users::set_password(w, user.id, Some(&hash), at.now).await?;
                    if !holds {
                        return Err(ChangePasswordError::LinkInvalid);
                    }
                    for purpose in CHOOSING {
                        storage::challenges::consume_all(w, user.id, purpose, at.now).await?;
                    }
                    if user.email_verified_at.is_none() && mail_is_proof_enough(w, &user).await? {
                        // Whoever made the account, and linked others to it, may not have been the mailbox's owner.
                        authority.drop_links(w, &at, user.id).await?;
                        note_verified(w, &at, (&user, &challenge.email)).await?;
                    }
                    let ended = end_all_but(w, &authority.settings, &at, (user.id, None)).await?;
                    authority.note_changed(w, &at, &user, ended).await
                })
            })
            .await?;
        self.ring();
        self.catch_up().await?;
        Ok(())
    }

    async fn judged_hash(
        &self,
        ctx: &Ctx,
        user: &User,
        new: &PlainSecret,
    ) -> Result<PasswordHash, ChangePasswordError> {
        let Ok(password) = Password::new(new.expose()) else {
            return Err(ChangePasswordError::Refused(PasswordProblem::TooLong));
        };
        let context = self
            .known_words()
            .with(user.email.as_str())
            .with(user.display_name());
        self.hasher
            .judge(password.clone(), context)
            .await?
            .map_err(ChangePasswordError::Refused)?;
        Ok(self.hasher.hash(password, ctx.random.as_ref()).await?)
    }

    async fn note_changed(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        user: &User,
        ended: usize,
    ) -> Result<(), ChangePasswordError> {
        let happened = Happened {
            actor: Actor::User(user.id),
            action: "user.password_changed",
            target: Some(user.id.to_string()),
            detail: json!({ "sessions_ended": ended }),
        };
        record(w, ctx, happened).await?;
        let letter = Letter::to_user(
            ctx,
            user,
            Message::PasswordChanged {
                event: Event::of(ctx),
            },
        );
        Ok(self.enqueue(w, ctx, &Job::Send(letter)).await?)
    }
}
