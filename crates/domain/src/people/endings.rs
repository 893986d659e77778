//! What ends when a credential of a user changes (the table in the contracts, "what ends what").
//! Refuses to leave anything without an entry in the revocation log, which is how checks and proxies learn of it.

use model::audit::Actor;
use model::grant::GrantEnd;
use model::revocation::RevocationTarget;
use model::{Ctx, SessionId, UserId};
use storage::{StorageError, Writer};

use super::device::forget_other_devices;
use super::second_factor::end_trust;
use super::session::end_within;
use crate::api_keys::end_keys_of;
use crate::revocation;
use crate::settings::Settings;

/// Ends all sessions of the user but `keep` with all they have granted, and every grant that outlives sessions. Named one
/// by one, so that nothing begun in the same second ends with them. No browser is trusted any more. The caller catches up after the commit.
pub(crate) async fn end_all_but(
    w: &mut Writer,
    settings: &Settings,
    ctx: &Ctx,
    (user, keep): (UserId, Option<SessionId>),
) -> Result<usize, StorageError> {
    let ended = end_sessions_but(w, settings, ctx, (user, keep)).await?;
    forget_other_devices(w, ctx, user).await?;
    storage::pending_logins::end_of_user(w, user, ctx.now).await?;
    end_trust(w, ctx, (user, Actor::System)).await?;
    let why = GrantEnd::CredentialChanged;
    for grant in storage::grants::end_all_but_of_session(w, (user, keep), why, ctx.now).await? {
        revocation::append(w, settings, ctx, RevocationTarget::Grant(grant)).await?;
    }
    Ok(ended)
}

/// Ends all sessions of the user but `keep` with what is bound to them. The caller catches up after the commit.
pub(super) async fn end_sessions_but(
    w: &mut Writer,
    settings: &Settings,
    ctx: &Ctx,
    (user, keep): (UserId, Option<SessionId>),
) -> Result<usize, StorageError> {
    let others = storage::sessions::list_live(w, user, ctx.now).await?;
    let mut ended = 0;
    for session in others.into_iter().filter(|session| Some(session.id) != keep) {
        let by = Actor::User(user);
        ended += usize::from(end_within(w, settings, ctx, (session.id, by)).await?);
    }
    Ok(ended)
}

/// Ends everything of a user who is not to sign in any more. The caller catches up after the commit.
pub(crate) async fn end_all(
    w: &mut Writer,
    settings: &Settings,
    ctx: &Ctx,
    (user, why): (UserId, GrantEnd),
) -> Result<(u64, u64), StorageError> {
    end_trust(w, ctx, (user, Actor::System)).await?;
    let sessions = storage::sessions::end_all_of_user(w, user, ctx.now).await?;
    let grants = storage::grants::end_of_user(w, user, why, ctx.now).await?;
    // With another role, keys go on with what the user may still do: they are judged at each use.
    if why != GrantEnd::RoleChanged {
        end_keys_of(w, ctx, user).await?;
    }
    revocation::append(w, settings, ctx, RevocationTarget::Subject(user, ctx.now)).await?;
    Ok((sessions, grants))
}
