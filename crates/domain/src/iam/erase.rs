//! The end of an account whose root user is erased: nobody signs in inside it any more.
//! Refuses to give its number to anybody else: the account's row stays.

use model::{Ctx, UserId};
use storage::{StorageError, Writer};

use super::delete_user::bury;
use crate::settings::Settings;

/// Users, groups and policies of the account whose root user this is. The caller catches up after the commit.
pub(crate) async fn erase_iam_of_root(
    w: &mut Writer,
    settings: &Settings,
    (ctx, root): (&Ctx, UserId),
) -> Result<(), StorageError> {
    let Some(account) = storage::accounts::find_of_root(w, root).await? else {
        return Ok(());
    };
    for user in storage::iam_leftovers::users(w, &account).await? {
        bury(w, settings, (ctx, user)).await?;
    }
    storage::iam_attachments::delete_of_account(w, &account).await?;
    storage::iam_groups::delete_of_account(w, &account).await?;
    storage::iam_policies::delete_of_account(w, &account).await?;
    storage::password_policies::delete(w, &account).await
}
