//! The revocation log: appended to by every door that ends a credential, read by the proxies, known to every check.
//! Refuses to say that a revocation happened before its transaction is committed.

mod feed;
mod follow;
mod log;
mod rounds;

use std::time::Duration;

use model::Ctx;
use model::revocation::{Revocation, RevocationTarget};
use storage::{StorageError, Writer};

pub(crate) use log::RevocationLog;

use crate::settings::Settings;

/// How far a clock may be set forward for a while without anything being forgotten that is missed when it is set back.
const SPARE: Duration = Duration::from_secs(60 * 60);

/// Appends a revocation of `target`, remembered until the last access token it can kill has expired, and a little longer. The
/// caller catches up after the commit.
pub(crate) async fn append(
    w: &mut Writer,
    settings: &Settings,
    ctx: &Ctx,
    target: RevocationTarget,
) -> Result<(), StorageError> {
    let tokens = &settings.tokens;
    let until = ctx.now.plus(tokens.longest_access_ttl + tokens.leeway + SPARE);
    let revocation = Revocation { target, until };
    storage::revocations::append(w, &revocation, ctx.now)
        .await
        .map(drop)
}
