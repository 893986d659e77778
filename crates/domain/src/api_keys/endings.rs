//! What happens to keys when something happens to their owner.
//! Refuses to leave a remembered key alive: every change goes through the revocation log.

use model::api_key::KeyEnd;
use model::audit::Actor;
use model::revocation::RevocationTarget;
use model::{Ctx, Timestamp, UserId};
use storage::{StorageError, Writer};

use super::revoke::end_key;
use crate::revocation;
use crate::settings::Settings;

/// The owner is gone: all keys end. The caller writes the event about the owner, which every remembered key hangs on.
pub(crate) async fn end_keys_of(w: &mut Writer, ctx: &Ctx, owner: UserId) -> Result<usize, StorageError> {
    let ended = storage::api_keys::revoke_of_user(w, owner, KeyEnd::OwnerGone, ctx.now).await?;
    Ok(ended.len())
}

/// The owner is about to leave: what is remembered of the keys is read anew, which then says that they are suspended; what
/// they were exchanged for ends. The caller catches up after the commit.
pub(crate) async fn suspend_keys_of(
    w: &mut Writer,
    settings: &Settings,
    ctx: &Ctx,
    owner: UserId,
) -> Result<(), StorageError> {
    for key in storage::api_keys::list_live(w, owner, ctx.now).await? {
        revocation::append(w, settings, ctx, RevocationTarget::Key(key.id, ctx.now)).await?;
    }
    Ok(())
}

/// Somebody else may have made them: keys of the owner that are not older than `since` end. The caller catches up after the
/// commit.
pub(crate) async fn end_keys_since(
    w: &mut Writer,
    settings: &Settings,
    ctx: &Ctx,
    (owner, since): (UserId, Timestamp),
) -> Result<usize, StorageError> {
    // A key is made in a whole second.
    let since = Timestamp::from_seconds(since.as_seconds());
    let mut ended = 0;
    for key in storage::api_keys::list_live(w, owner, ctx.now).await? {
        if key.created_at >= since {
            let why = (&key, KeyEnd::Revoked, Actor::User(owner));
            ended += usize::from(end_key(w, settings, ctx, why).await?);
        }
    }
    Ok(ended)
}
