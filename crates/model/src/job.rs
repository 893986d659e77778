//! Work outside of requests: when it is tried again, and when it is given up.
//! Refuses to try for ever.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::id::{JobId, UserId};

/// After so many failures an operator has to look.
pub const MOST_ATTEMPTS: i64 = 12;
/// How long one attempt may take before another worker may try.
pub const LEASE: Duration = Duration::from_secs(120);
const FIRST_DELAY: Duration = Duration::from_secs(5);
const LONGEST_DELAY: Duration = Duration::from_secs(6 * 60 * 60);

/// A job that was taken to be done.
pub struct ClaimedJob {
    pub id: JobId,
    pub kind: String,
    /// Whom it is about, when that is known.
    pub user_id: Option<UserId>,
    /// Sealed.
    pub payload: Vec<u8>,
    /// This one counted.
    pub attempts: i64,
    /// Whoever holds the lease up to here may say how it ended.
    pub leased_until: Timestamp,
}

/// A job that was given up.
#[derive(Clone, Debug)]
pub struct FailedJob {
    pub id: JobId,
    pub kind: String,
    pub failed_at: Timestamp,
    pub last_error: String,
}

/// When to try again after `attempts` failures; `None` when it is given up. `jitter` is between 0 and 1 and spreads what
/// failed together.
pub fn retry_at(attempts: i64, now: Timestamp, jitter: f64) -> Option<Timestamp> {
    if attempts >= MOST_ATTEMPTS {
        return None;
    }
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(20);
    let delay = FIRST_DELAY.saturating_mul(1 << doublings).min(LONGEST_DELAY);
    Some(now.plus(delay.mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 2.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_are_capped_and_end() {
        let delay =
            |attempts, jitter| retry_at(attempts, Timestamp::EPOCH, jitter).map(Timestamp::as_seconds);
        assert_eq!(delay(1, 0.0), Some(5));
        assert_eq!(delay(2, 0.0), Some(10));
        assert_eq!(delay(1, 1.0), Some(7));
        assert_eq!(delay(11, 0.0), Some(5 * 1024));
        assert_eq!(delay(12, 0.0), None);
    }
}
