//! Registration: a visitor makes an account and is signed in.
//! Refuses when the operator has closed it, whatever the form says.

use std::time::Duration;

use model::audit::Actor;
use model::authentication::Authentication;
use model::user::{Role, User};
use model::{ChallengeId, Ctx, JobId};
use serde_json::json;
use storage::{StorageError, Writer};

use super::SignedIn;
use super::account::{AccountForm, AccountProblems, PrepareError};
use super::billing_account::open_account;
use super::challenge::{AskedIn, Asking};
use super::device::remember_device;
use super::throttle::Counters;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::mail::{Letter, Message};

/// Why there is no new account.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error("registration is closed")]
    Closed,
    #[error("too many attempts, wait {} s", retry_after.as_secs())]
    TooManyAttempts { retry_after: Duration },
    #[error("the form has problems")]
    Invalid(Box<AccountProblems>),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for RegisterError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<PrepareError> for RegisterError {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Invalid(problems) => Self::Invalid(problems),
            PrepareError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// What becomes of a form that is in order.
pub enum Registered {
    SignedIn(Box<SignedIn>),
    /// The address must be confirmed first. The same answer, and the same work, for an address that has an account.
    ConfirmEmail(ChallengeId),
}

impl Authority {
    /// # Errors
    /// See [`RegisterError`]. Of two registrations for one address or name, one wins.
    pub async fn register(
        &self,
        ctx: &Ctx,
        form: AccountForm,
        asked_in: AskedIn,
    ) -> Result<Registered, RegisterError> {
        if !self.settings.registration.open {
            return Err(RegisterError::Closed);
        }
        let counters = Counters::of_registration(ctx);
        if let Err(retry_after) = self.count_attempt(ctx, &counters).await? {
            return Err(RegisterError::TooManyAttempts { retry_after });
        }
        if self.settings.registration.confirm_email {
            return self.register_unconfirmed(ctx, form, asked_in).await;
        }
        let user = self.prepare_account(ctx, form, Role::User).await?;
        let by = Authentication::by_password(ctx.now);
        let signed_in = SignedIn::new(&self.settings, ctx, user, by);
        let asking = Asking::to_confirm(ctx, &signed_in.user, asked_in);
        let (authority, at, start) = (self.clone(), ctx.clone(), signed_in.clone());
        let written: Result<(), RegisterError> = self
            .database
            .write(move |w| {
                Box::pin(async move {
                    insert_user(w, &at, &start.user, Actor::User(start.user.id)).await?;
                    start.insert_session(w, &at).await?;
                    remember_device(w, &at, start.user.id).await?;
                    Ok(authority.enqueue(w, &at, &Job::Ask(asking)).await?)
                })
            })
            .await;
        self.ring();
        self.explain_taken(written, &signed_in.user).await?;
        Ok(Registered::SignedIn(Box::new(signed_in)))
    }

    async fn explain_taken(
        &self,
        written: Result<(), RegisterError>,
        user: &User,
    ) -> Result<(), RegisterError> {
        match written {
            Err(RegisterError::Fault(Fault::Storage(StorageError::UniqueViolation))) => {
                Err(RegisterError::Invalid(Box::new(self.taken(user).await?)))
            }
            written => written,
        }
    }

    async fn register_unconfirmed(
        &self,
        ctx: &Ctx,
        form: AccountForm,
        asked_in: AskedIn,
    ) -> Result<Registered, RegisterError> {
        let (user, is_taken) = self.prepare_secretly(ctx, form).await?;
        let asking = Asking::to_confirm(ctx, &user, asked_in);
        let challenge = asking.challenge;
        let (authority, at, created) = (self.clone(), ctx.clone(), user.clone());
        let written: Result<(), RegisterError> = self
            .database
            .write(move |w| {
                Box::pin(async move {
                    if is_taken {
                        let letter = authority.account_exists(&at, &created);
                        return Ok(authority.enqueue(w, &at, &Job::Send(letter)).await?);
                    }
                    insert_user(w, &at, &created, Actor::User(created.id)).await?;
                    Ok(authority.enqueue(w, &at, &Job::Ask(asking)).await?)
                })
            })
            .await;
        self.ring();
        self.explain_taken(written, &user).await?;
        Ok(Registered::ConfirmEmail(challenge))
    }

    fn account_exists(&self, ctx: &Ctx, user: &User) -> Letter {
        Letter {
            id: JobId::random(ctx.random.as_ref()),
            to: user.email.clone(),
            user: None,
            message: Message::AccountExists {
                link: format!("{}/login", self.settings.issuer),
            },
        }
    }
}

pub(crate) async fn insert_user(
    w: &mut Writer,
    ctx: &Ctx,
    user: &User,
    by: Actor,
) -> Result<(), StorageError> {
    storage::users::insert(w, user).await?;
    open_account(w, ctx, user.id).await?;
    let happened = Happened {
        actor: by,
        action: "user.created",
        target: Some(user.id.to_string()),
        detail: json!({ "role": user.role.as_str() }),
    };
    record(w, ctx, happened).await
}
