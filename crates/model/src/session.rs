//! A browser session: one sign-in and what has become of it.
//! Refuses to outlive its absolute limit, whatever activity there is (S07).

use std::time::Duration;

use crate::authentication::Authentication;
use crate::clock::Timestamp;
use crate::context::Origin;
use crate::id::{SessionId, UserId};
use crate::secret::SecretDigest;

#[derive(Clone)]
pub struct Session {
    pub id: SessionId,
    pub user_id: UserId,
    pub secret: SecretDigest,
    pub authentication: Authentication,
    pub address: Option<String>,
    pub user_agent: Option<String>,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub idle_expires_at: Timestamp,
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// How long a session may rest, and how long it may live.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    pub idle: Duration,
    pub absolute: Duration,
}

impl Session {
    pub fn start(
        id: SessionId,
        user_id: UserId,
        secret: SecretDigest,
        authentication: Authentication,
        origin: &Origin,
        limits: SessionLimits,
    ) -> Self {
        let now = authentication.at;
        let expires_at = now.plus(limits.absolute);
        Self {
            id,
            user_id,
            secret,
            authentication,
            address: origin.address.map(|address| address.to_string()),
            user_agent: origin.user_agent.clone(),
            created_at: now,
            last_seen_at: now,
            idle_expires_at: now.plus(limits.idle).min(expires_at),
            expires_at,
            ended_at: None,
        }
    }

    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.idle_expires_at && now < self.expires_at
    }

    /// The idle limit after activity at `now`; never past the absolute limit, and never earlier than it was.
    pub fn idle_limit_after(&self, now: Timestamp, limits: SessionLimits) -> Timestamp {
        now.plus(limits.idle)
            .max(self.idle_expires_at)
            .min(self.expires_at)
    }
}
