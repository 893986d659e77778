//! Another name or user name for somebody's account.
//! Refuses to change the address: it is proven by its owner, and whoever has it can get in.

use model::audit::Actor;
use model::user::{Profile, User};
use model::{Ctx, UserId};
use serde_json::json;
use storage::StorageError;

use super::{AdministrationError, require_user};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::account::{AccountProblems, UsernameProblem, parse_name};

/// What is to be another one; blank takes it away, `None` leaves it alone.
#[derive(Clone, Default, Debug)]
pub struct UserChange {
    pub name: Option<String>,
    pub username: Option<String>,
}

impl UserChange {
    fn of(&self, mut user: User) -> Result<(User, Vec<&'static str>), AdministrationError> {
        let mut problems = AccountProblems::default();
        let mut changed = Vec::new();
        if let Some(text) = &self.name {
            match parse_name(text) {
                Ok(name) if name == user.profile.name => {}
                Ok(name) => {
                    changed.push("name");
                    user.profile = Profile { name, ..user.profile };
                }
                Err(problem) => problems.name = Some(problem),
            }
        }
        if let Some(text) = self.username.as_deref().map(str::trim) {
            match (!text.is_empty()).then(|| text.parse()).transpose() {
                Ok(username) if username == user.username => {}
                Ok(username) => {
                    changed.push("username");
                    user.username = username;
                }
                Err(malformed) => problems.username = Some(UsernameProblem::Malformed(malformed)),
            }
        }
        match problems.is_empty() {
            true => Ok((user, changed)),
            false => Err(AdministrationError::Invalid(Box::new(problems))),
        }
    }
}

impl Authority {
    /// The user as they are then.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn update_user(
        &self,
        ctx: &Ctx,
        user: UserId,
        change: UserChange,
        by: Actor,
    ) -> Result<User, AdministrationError> {
        let ctx = ctx.clone();
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                let (mut after, changed) = change.of(require_user(w, user, &by).await?)?;
                if changed.is_empty() {
                    return Ok(after);
                }
                after.updated_at = ctx.now;
                let details = (after.username.as_ref(), &after.profile);
                storage::users::rename(w, user, details, ctx.now).await?;
                let happened = Happened {
                    actor: by,
                    action: "user.profile_changed",
                    target: Some(user.to_string()),
                    detail: json!({ "fields": changed }),
                };
                record(w, &ctx, happened).await?;
                Ok(after)
            })
        });
        work.await.map_err(|error| match error {
            AdministrationError::Fault(Fault::Storage(StorageError::UniqueViolation)) => {
                AdministrationError::Invalid(Box::new(AccountProblems {
                    username: Some(UsernameProblem::Taken),
                    ..AccountProblems::default()
                }))
            }
            error => error,
        })
    }
}
