//! The end of an IAM user: keys, sessions, tokens, policies and memberships go in one transaction (P08).
//! Refuses to leave any of it behind; the id stays, for what the audit log says of it.

use model::grant::GrantEnd;
use model::{Ctx, UserId};
use serde_json::json;
use storage::iam_attachments::Holder;
use storage::{StorageError, Writer};

use super::find::user_named;
use super::{IamError, Named, Permit};
use crate::authority::Authority;
use crate::people::end_all;
use crate::settings::Settings;

impl Authority {
    /// # Errors
    /// See [`IamError`].
    pub async fn delete_iam_user(&self, ctx: &Ctx, permit: &Permit, name: &str) -> Result<(), IamError> {
        let name = name.to_owned();
        let work = self.change_iam(ctx, permit, move |w, change| {
            Box::pin(async move {
                let user = user_named(w, &change.account, &name).await?;
                change.reach.over_people(w, &[user.id]).await?;
                let Some(ended) = bury(w, change.settings(), (&change.ctx, user.id)).await? else {
                    return Err(IamError::Unknown(Named::User));
                };
                let what = ("iam.user_deleted", user.id.to_string());
                let detail =
                    json!({ "username": user.name, "access_keys": ended.keys, "sessions": ended.sessions });
                change.note(w, what, detail).await?;
                Ok(())
            })
        });
        work.await
    }
}

/// What went with a user.
pub(super) struct Ended {
    keys: u64,
    sessions: u64,
}

/// Leaves nothing but the id. None when that was done before. The caller catches up after the commit.
pub(super) async fn bury(
    w: &mut Writer,
    settings: &Settings,
    (ctx, user): (&Ctx, UserId),
) -> Result<Option<Ended>, StorageError> {
    let (sessions, _) = end_all(w, settings, ctx, (user, GrantEnd::UserErased)).await?;
    let keys = storage::iam_leftovers::delete_of_user(w, user).await?;
    storage::iam_attachments::delete_of(w, Holder::User(user)).await?;
    storage::iam_groups::remove_everywhere(w, user).await?;
    storage::second_factors::delete_of_user(w, user).await?;
    storage::trusted_devices::delete_of_user(w, user).await?;
    storage::devices::delete_all_but(w, user, None).await?;
    storage::idempotency::delete_of_caller(w, &user.to_string()).await?;
    storage::sessions::forget_origins(w, user).await?;
    let gone = storage::iam_users::delete(w, user, ctx.now).await?;
    Ok(gone.then_some(Ended { keys, sessions }))
}
