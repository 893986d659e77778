//! An account that is to be erased when a time of grace is over.
//! Refuses nothing itself: until then its owner can cancel.

use crate::clock::Timestamp;
use crate::id::UserId;
use crate::secret::SecretDigest;

#[derive(Clone)]
pub struct AccountDeletion {
    pub user_id: UserId,
    /// Of the link that cancels it.
    pub secret: SecretDigest,
    pub requested_at: Timestamp,
    pub scheduled_for: Timestamp,
}
