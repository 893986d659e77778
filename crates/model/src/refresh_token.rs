//! Refresh tokens: a chain per grant with one live leaf.
//! Refuses silent loss and silent theft: a lost answer is repeated within the grace, anything later ends the family.

use std::time::Duration;

use oauth::confirmation::Confirmation;

use crate::clock::Timestamp;
use crate::id::GrantId;
use crate::secret::SecretDigest;

#[derive(Clone)]
pub struct RefreshToken {
    pub digest: SecretDigest,
    pub grant_id: GrantId,
    /// 0 for the first of a grant, then one more per rotation.
    pub generation: i64,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub rotation: Option<Rotation>,
    /// The key whose holder alone may use it; empty for clients that authenticate (RFC 9449 §5).
    pub confirmation: Confirmation,
}

/// What became of a token that was used.
#[derive(Clone)]
pub struct Rotation {
    pub at: Timestamp,
    pub successor: SecretDigest,
    /// The successor's text, sealed, so that a repeated request gets the same one.
    pub successor_sealed: Vec<u8>,
}

/// What presenting a token means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefreshVerdict {
    /// The live leaf: rotate it.
    Rotate,
    /// Used a moment ago and its successor is still unused: give the same successor again.
    Repeat,
    /// Used before: somebody holds a copy. The family must die (RFC 9700 §4.14.2).
    Stolen,
    Expired,
}

impl RefreshToken {
    /// `successor_used`: whether the token that replaced this one was itself rotated.
    pub fn judge(&self, successor_used: bool, grace: Duration, now: Timestamp) -> RefreshVerdict {
        match &self.rotation {
            // Stored state first: a clock that was set back must not turn a replay into a repeat.
            Some(_) if successor_used => RefreshVerdict::Stolen,
            Some(rotation) if now <= rotation.at.plus(grace) => RefreshVerdict::Repeat,
            Some(_) => RefreshVerdict::Stolen,
            None if now >= self.expires_at => RefreshVerdict::Expired,
            None => RefreshVerdict::Rotate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    fn token(rotated_at: Option<i64>) -> RefreshToken {
        RefreshToken {
            digest: SecretDigest::from_bytes([1; 32]),
            grant_id: GrantId::random(&SystemRandom),
            generation: 0,
            created_at: Timestamp::EPOCH,
            expires_at: Timestamp::from_seconds(100),
            rotation: rotated_at.map(|at| Rotation {
                at: Timestamp::from_seconds(at),
                successor: SecretDigest::from_bytes([2; 32]),
                successor_sealed: Vec::new(),
            }),
            confirmation: Confirmation::default(),
        }
    }

    /// O15
    #[test]
    fn a_lost_answer_is_repeated_only_within_the_grace_and_while_the_successor_is_unused() {
        let judge = |token: &RefreshToken, used, now| {
            token.judge(used, Duration::from_secs(10), Timestamp::from_seconds(now))
        };
        assert_eq!(judge(&token(None), false, 50), RefreshVerdict::Rotate);
        assert_eq!(judge(&token(None), false, 100), RefreshVerdict::Expired);
        assert_eq!(judge(&token(Some(50)), false, 60), RefreshVerdict::Repeat);
        assert_eq!(judge(&token(Some(50)), false, 61), RefreshVerdict::Stolen);
        assert_eq!(judge(&token(Some(50)), true, 51), RefreshVerdict::Stolen);
    }
}
