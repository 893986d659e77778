//! The end of an account whose root user is erased: nobody signs in inside it any more.
//! Refuses to give its number to anybody else: the account's row stays.

use model::Ctx;
use model::iam::AccountId;
use storage::{StorageError, Writer};

use super::delete_user::bury;
use crate::settings::Settings;

/// Users, groups and policies of the account. The caller catches up after the commit.
pub(crate) async fn erase_iam(
    w: &mut Writer,
    settings: &Settings,
    (ctx, account): (&Ctx, &AccountId),
) -> Result<(), StorageError> {
    for user in storage::iam_leftovers::users(w, account).await? {
        bury(w, settings, (ctx, user)).await?;
    }
    storage::iam_attachments::delete_of_account(w, account).await?;
    storage::iam_groups::delete_of_account(w, account).await?;
    storage::iam_policies::delete_of_account(w, account).await?;
    storage::password_policies::delete(w, account).await
}
