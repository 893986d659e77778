//! Registration: a visitor makes an account and is signed in.
//! Refuses when the operator has closed it, whatever the form says.

use std::time::Duration;

use model::Ctx;
use model::audit::Actor;
use model::user::{Role, User};
use serde_json::json;
use storage::{StorageError, Writer};

use super::SignedIn;
use super::account::{AccountForm, AccountProblems, PrepareError};
use super::throttle::Counters;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

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

impl From<PrepareError> for RegisterError {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Invalid(problems) => Self::Invalid(problems),
            PrepareError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Authority {
    /// # Errors
    /// See [`RegisterError`]. Of two registrations for one address or name, one wins.
    pub async fn register(&self, ctx: &Ctx, form: AccountForm) -> Result<SignedIn, RegisterError> {
        if !self.settings.registration.open {
            return Err(RegisterError::Closed);
        }
        let counters = Counters::of_registration(ctx);
        if let Err(retry_after) = self.count_attempt(ctx, &counters).await? {
            return Err(RegisterError::TooManyAttempts { retry_after });
        }
        let user = self.prepare_account(ctx, form, Role::User).await?;
        let signed_in = SignedIn::by_password(&self.settings, ctx, user);
        let (ctx, start) = (ctx.clone(), signed_in.clone());
        let written: Result<(), StorageError> = self
            .database
            .write(move |w| {
                Box::pin(async move {
                    insert_user(w, &ctx, &start.user, Actor::User(start.user.id)).await?;
                    start.insert_session(w, &ctx).await
                })
            })
            .await;
        match written {
            Ok(()) => Ok(signed_in),
            Err(StorageError::UniqueViolation) => Err(RegisterError::Invalid(Box::new(
                self.taken(&signed_in.user).await?,
            ))),
            Err(error) => Err(Fault::from(error).into()),
        }
    }
}

pub(super) async fn insert_user(
    w: &mut Writer,
    ctx: &Ctx,
    user: &User,
    by: Actor,
) -> Result<(), StorageError> {
    storage::users::insert(w, user).await?;
    let happened = Happened {
        actor: by,
        action: "user.created",
        target: Some(user.id.to_string()),
        detail: json!({ "role": user.role.as_str() }),
    };
    record(w, ctx, happened).await
}
