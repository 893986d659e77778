//! An IAM user's password, set by whoever may; or none at all.
//! Refuses to take over somebody with more rights than the caller has (P07), and to leave their sessions alive (S06).

use model::iam::IamUser;
use model::password::PasswordHash;
use model::{Ctx, PlainSecret};
use serde_json::json;
use storage::{StorageError, Writer};

use super::change::Change;
use super::{IamError, Named, Permit};
use crate::authority::Authority;
use crate::people::end_all_but;

/// What becomes of a password.
pub enum PasswordChange {
    Set {
        password: PlainSecret,
        /// It has to be changed at the next sign-in.
        require_change: bool,
    },
    /// No password signs in any more.
    Disable,
}

impl Authority {
    /// # Errors
    /// See [`IamError`].
    pub async fn set_iam_password(
        &self,
        ctx: &Ctx,
        permit: &Permit,
        (name, wish): (&str, PasswordChange),
    ) -> Result<(), IamError> {
        let user = self.iam_user_named(permit, name).await?;
        let (hash, require_change) = match wish {
            PasswordChange::Disable => (None, false),
            PasswordChange::Set {
                password,
                require_change,
            } => {
                let rules = self.password_rules(permit.account()).await?;
                let judged = self.judged_iam_password(ctx, &user, (&rules, &password));
                (Some(judged.await?), require_change)
            }
        };
        let work = self.change_iam(ctx, permit, move |w, change| {
            Box::pin(async move {
                change.reach.over_credentials_of(w, user.id).await?;
                if !change
                    .replace_password(w, (&user, hash.as_ref()), require_change)
                    .await?
                {
                    return Err(IamError::Unknown(Named::User));
                }
                end_all_but(w, change.settings(), &change.ctx, (user.id, None)).await?;
                let action = match hash {
                    Some(_) => "iam.password_set",
                    None => "iam.password_disabled",
                };
                let what = (action, user.id.to_string());
                change.note(w, what, json!({ "username": user.name })).await?;
                Ok(())
            })
        });
        work.await
    }
}

impl Change {
    /// False when the user is gone, or another change of the password came first.
    async fn replace_password(
        &self,
        w: &mut Writer,
        (user, new): (&IamUser, Option<&PasswordHash>),
        require_change: bool,
    ) -> Result<bool, StorageError> {
        let (now, old) = (self.ctx.now, user.password.as_ref());
        if !storage::iam_users::set_password(w, user.id, (old, new), now).await? {
            return Ok(false);
        }
        if let Some(old) = old {
            let rules = storage::password_policies::find(w, &self.account)
                .await?
                .unwrap_or_default();
            let keep = i64::from(rules.prevent_reuse.saturating_sub(1));
            storage::password_history::push(w, user.id, (old, keep), now).await?;
        }
        let set_at = new.map(|_| now);
        let noted = (set_at, set_at.filter(|_| require_change));
        storage::iam_users::note_password(w, user.id, noted).await?;
        let console = new.map(|_| user.console_since.unwrap_or(now));
        storage::iam_users::set_console(w, user.id, console).await?;
        Ok(true)
    }
}
