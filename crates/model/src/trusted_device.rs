//! Browsers in which a user needs no second step for a while.
//! Refuses to last: thirty days after the second step was given it is asked for again, however often the browser was used.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::id::{TrustedDeviceId, UserId};
use crate::secret::SecretDigest;

/// How long a browser is trusted, at most.
pub const TRUST_TTL: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How many browsers a user can trust; the one unused for longest makes room for another.
pub const MOST_TRUSTED: i64 = 20;

/// One browser that one user trusts.
#[derive(Clone, PartialEq, Eq)]
pub struct TrustedDevice {
    pub id: TrustedDeviceId,
    pub user_id: UserId,
    /// Of the mark that the browser keeps.
    pub browser: SecretDigest,
    /// From where it was used last.
    pub address: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    pub expires_at: Timestamp,
}
