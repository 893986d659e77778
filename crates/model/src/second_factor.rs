//! Second factors and the sign-ins that wait for one.
//! Refuses to be used twice: a time step, a backup code and a waiting sign-in each work once.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::id::UserId;
use crate::secret::SecretDigest;

/// How many backup codes a user gets.
pub const BACKUP_CODES: usize = 10;
/// How long a sign-in waits for its second factor.
pub const PENDING_TTL: Duration = Duration::from_secs(5 * 60);
/// How often it may be tried.
pub const MOST_TRIES: i64 = 5;

/// An authenticator app that has proven itself (RFC 6238).
pub struct TotpFactor {
    pub user_id: UserId,
    /// The seed.
    pub secret_sealed: Vec<u8>,
    /// No code of this time step or an earlier one is taken any more (RFC 6238 §5.2).
    pub last_step: i64,
    pub confirmed_at: Timestamp,
}

/// A sign-in that has proven one factor.
#[derive(Clone)]
pub struct PendingLogin {
    pub secret: SecretDigest,
    pub user_id: UserId,
    /// What was proven so far.
    pub amr: Vec<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}
