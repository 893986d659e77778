//! What ends with an account, and with somebody's place in one.
//! Refuses to leave a token alive that acts in an account which its bearer has lost.

use model::grant::GrantEnd;
use model::iam::AccountId;
use model::revocation::RevocationTarget;
use model::{Ctx, UserId};
use storage::{StorageError, Writer};

use crate::revocation;
use crate::settings::Settings;

/// Ends what somebody was given in an account of others: they work there no more. Sessions stay, with their own account. The
/// caller catches up after the commit.
pub async fn end_grants_in_account(
    w: &mut Writer,
    settings: &Settings,
    ctx: &Ctx,
    (user, account): (UserId, &AccountId),
) -> Result<usize, StorageError> {
    let why = GrantEnd::MembershipEnded;
    let ended = storage::grants::end_of_member(w, (user, account), why, ctx.now).await?;
    for grant in &ended {
        revocation::append(w, settings, ctx, RevocationTarget::Grant(*grant)).await?;
    }
    Ok(ended.len())
}

/// Ends everything that anybody has open in the account of this root user; who has none loses nothing. The caller catches
/// up after the commit.
pub(super) async fn end_account_of(
    w: &mut Writer,
    settings: &Settings,
    ctx: &Ctx,
    root: UserId,
) -> Result<(), StorageError> {
    let Some(account) = storage::accounts::find_of_root(w, root).await? else {
        return Ok(());
    };
    storage::sessions::end_all_of_account(w, &account, ctx.now).await?;
    storage::grants::end_of_account(w, &account, GrantEnd::AccountEnded, ctx.now).await?;
    revocation::append(w, settings, ctx, RevocationTarget::Account(account, ctx.now)).await
}
