//! What an operator does with accounts: create, find, list, disable, enable.
//! Refuses to delete: ids are never given to somebody else.

use model::audit::Actor;
use model::grant::GrantEnd;
use model::user::{Role, User};
use model::{Ctx, UserId};
use serde_json::json;
use storage::StorageError;

use super::account::{AccountForm, AccountProblems, PrepareError};
use super::endings::end_all;
use super::register::insert_user;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

/// Why there is no new user.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    #[error("the account has problems")]
    Invalid(Box<AccountProblems>),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<PrepareError> for CreateUserError {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Invalid(problems) => Self::Invalid(problems),
            PrepareError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Authority {
    /// # Errors
    /// See [`CreateUserError`].
    pub async fn create_user(
        &self,
        ctx: &Ctx,
        form: AccountForm,
        role: Role,
        by: Actor,
    ) -> Result<User, CreateUserError> {
        let user = self.prepare_account(ctx, form, role).await?;
        let (ctx, created) = (ctx.clone(), user.clone());
        let written: Result<(), StorageError> = self
            .database
            .write(move |w| Box::pin(async move { insert_user(w, &ctx, &created, by).await }))
            .await;
        match written {
            Ok(()) => Ok(user),
            Err(StorageError::UniqueViolation) => {
                Err(CreateUserError::Invalid(Box::new(self.taken(&user).await?)))
            }
            Err(error) => Err(Fault::from(error).into()),
        }
    }

    /// By id, email address or user name.
    ///
    /// # Errors
    /// Storage.
    pub async fn find_user(&self, text: &str) -> Result<Option<User>, Fault> {
        let mut reader = self.database.read().await?;
        if let Ok(id) = text.parse::<UserId>() {
            return Ok(storage::users::find_by_id(&mut reader, id).await?);
        }
        if let Ok(email) = text.parse::<model::email::Email>() {
            return Ok(storage::users::find_by_email(&mut reader, email.as_str()).await?);
        }
        match text.parse::<model::username::Username>() {
            Ok(name) => Ok(storage::users::find_by_username(&mut reader, name.as_str()).await?),
            Err(_) => Ok(None),
        }
    }

    /// Up to `limit` users by id, after `after`.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_users(&self, after: Option<UserId>, limit: u16) -> Result<Vec<User>, Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::users::list(&mut reader, after, i64::from(limit)).await?)
    }

    /// Ends every session, grant and token of the user and lets nobody in any more; false when it was so already.
    ///
    /// # Errors
    /// Storage.
    pub async fn disable_user(&self, ctx: &Ctx, user: UserId, by: Actor) -> Result<bool, Fault> {
        let (authority, ctx) = (self.clone(), ctx.clone());
        let work = self.database.write(move |w| {
            Box::pin(async move {
                if !storage::users::disable(w, user, ctx.now).await? {
                    return Ok(false);
                }
                let why = GrantEnd::UserDisabled;
                let (sessions, grants) = end_all(w, &authority.settings, &ctx, (user, why)).await?;
                let happened = Happened {
                    actor: by,
                    action: "user.disabled",
                    target: Some(user.to_string()),
                    detail: json!({ "sessions": sessions, "grants": grants }),
                };
                record(w, &ctx, happened).await?;
                Ok(true)
            })
        });
        let disabled: Result<bool, StorageError> = work.await;
        let disabled = disabled?;
        if disabled {
            self.catch_up().await?;
        }
        Ok(disabled)
    }

    /// False when the user was not disabled. What was ended stays ended.
    ///
    /// # Errors
    /// Storage.
    pub async fn enable_user(&self, ctx: &Ctx, user: UserId, by: Actor) -> Result<bool, Fault> {
        let ctx = ctx.clone();
        let work = self.database.write(move |w| {
            Box::pin(async move {
                let enabled = storage::users::enable(w, user, ctx.now).await?;
                if enabled {
                    let target = Some(user.to_string());
                    let happened = Happened {
                        actor: by,
                        action: "user.enabled",
                        target,
                        detail: json!({}),
                    };
                    record(w, &ctx, happened).await?;
                }
                Ok(enabled)
            })
        });
        let enabled: Result<bool, StorageError> = work.await;
        Ok(enabled?)
    }
}
