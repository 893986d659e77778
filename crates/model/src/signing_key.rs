//! A signing key's life: published, active, retired, removed.
//! Refuses to sign before it was published and to vanish before what it signed has died.

use jose::Algorithm;

use crate::clock::Timestamp;

/// A key as stored; the private part is sealed.
#[derive(Clone)]
pub struct SigningKeyRecord {
    pub kid: String,
    pub algorithm: Algorithm,
    pub public_jwk: serde_json::Value,
    pub private_sealed: Vec<u8>,
    pub created_at: Timestamp,
    /// From here on it may sign; it is published from `created_at` on.
    pub activates_at: Timestamp,
    /// When its successor took over.
    pub retired_at: Option<Timestamp>,
    /// When the last thing it signed is dead.
    pub remove_at: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyState {
    /// Published ahead.
    Next,
    Active,
    /// Verifies what it signed, signs nothing more.
    Retired,
    Removed,
}

impl SigningKeyRecord {
    pub fn state(&self, now: Timestamp) -> KeyState {
        match (self.retired_at, self.remove_at) {
            (_, Some(remove_at)) if now >= remove_at => KeyState::Removed,
            (Some(retired_at), _) if now >= retired_at => KeyState::Retired,
            _ if now >= self.activates_at => KeyState::Active,
            _ => KeyState::Next,
        }
    }

    pub fn is_published(&self, now: Timestamp) -> bool {
        self.state(now) != KeyState::Removed
    }
}
