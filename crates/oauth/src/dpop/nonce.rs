//! Nonces that need no memory: a keyed hash of the time window they are from (RFC 9449 §8).
//! Refuses those of other keys, and those of windows before the last.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

const BLOCK: usize = 64;
const NONCE_BYTES: usize = 16;

/// The key of the nonces of one server, and how long each is handed out.
#[derive(Clone)]
pub struct NonceKey {
    key: Zeroizing<[u8; 32]>,
    window: i64,
}

/// What a nonce is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NonceVerdict {
    /// The one that is handed out now.
    Current,
    /// The one before: good, but time for the next.
    Previous,
    /// Too old, or not ours.
    Unknown,
}

impl NonceKey {
    /// Nonces under `key`, each handed out for `window` seconds and good for as long again.
    #[must_use]
    pub fn new(key: [u8; 32], window: u32) -> Self {
        Self {
            key: Zeroizing::new(key),
            window: i64::from(window.max(1)),
        }
    }

    /// The nonce of this moment.
    #[must_use]
    pub fn issue(&self, now: i64) -> String {
        self.of(now.div_euclid(self.window))
    }

    /// What a nonce that came back is worth.
    #[must_use]
    pub fn judge(&self, nonce: &str, now: i64) -> NonceVerdict {
        let window = now.div_euclid(self.window);
        let is = |own: &str| bool::from(own.as_bytes().ct_eq(nonce.as_bytes()));
        if is(&self.of(window)) {
            NonceVerdict::Current
        } else if is(&self.of(window.saturating_sub(1))) {
            NonceVerdict::Previous
        } else {
            NonceVerdict::Unknown
        }
    }

    fn of(&self, window: i64) -> String {
        let mac = hmac(&self.key, &window.to_be_bytes());
        URL_SAFE_NO_PAD.encode(&mac[..NONCE_BYTES])
    }
}

impl fmt::Debug for NonceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NonceKey").finish_non_exhaustive()
    }
}

/// HMAC-SHA-256 (RFC 2104 §2) with a key shorter than a block.
fn hmac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let padded = |with: u8| {
        let mut block = Zeroizing::new([with; BLOCK]);
        for (byte, own) in block.iter_mut().zip(key) {
            *byte ^= own;
        }
        block
    };
    let inner = Sha256::new()
        .chain_update(padded(0x36).as_slice())
        .chain_update(message)
        .finalize();
    let outer = Sha256::new()
        .chain_update(padded(0x5c).as_slice())
        .chain_update(inner);
    outer.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_rfc() {
        // HMAC-SHA-256 of "Hi There" under 32 bytes 0x0b, computed with OpenSSL.
        let expected = "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7";
        let told: String = hmac(&[0x0b; 32], b"Hi There")
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn a_nonce_lives_for_its_window_and_the_next() {
        let key = NonceKey::new([1; 32], 60);
        let nonce = key.issue(119);
        assert_eq!(key.issue(60), nonce);
        assert_eq!(key.judge(&nonce, 60), NonceVerdict::Current);
        assert_eq!(key.judge(&nonce, 120), NonceVerdict::Previous);
        assert_eq!(key.judge(&nonce, 179), NonceVerdict::Previous);
        assert_eq!(key.judge(&nonce, 180), NonceVerdict::Unknown);
        assert_eq!(key.judge(&nonce, 59), NonceVerdict::Unknown);
    }

    #[test]
    fn nonces_of_other_keys_are_unknown() {
        let (own, other) = (NonceKey::new([1; 32], 60), NonceKey::new([2; 32], 60));
        for nonce in [other.issue(0), String::new(), "a".repeat(300)] {
            assert_eq!(own.judge(&nonce, 0), NonceVerdict::Unknown);
        }
        for now in [i64::MIN, i64::MAX] {
            assert_eq!(own.judge(&own.issue(now), now), NonceVerdict::Current);
        }
    }
}
