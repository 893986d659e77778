//! The revocation log: appended to by every door that ends a credential, read by the proxies, known to every check.
//! Refuses to say that a revocation happened before its transaction is committed.

mod feed;
mod follow;
mod log;
mod rounds;

use std::time::Duration;

use model::Timestamp;
use model::revocation::{Revocation, RevocationTarget};

pub(crate) use log::RevocationLog;

use crate::settings::Settings;

/// How far a clock may be set forward for a while without anything being forgotten that is missed when it is set back.
const SPARE: Duration = Duration::from_secs(60 * 60);

/// A revocation of `target` at `now`, remembered until the last access token it can kill has expired, and a little longer.
pub(crate) fn ending(settings: &Settings, target: RevocationTarget, now: Timestamp) -> Revocation {
    let tokens = &settings.tokens;
    Revocation {
        target,
        until: now.plus(tokens.longest_access_ttl + tokens.leeway + SPARE),
    }
}
