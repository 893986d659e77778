//! Passwords as typed and as stored.
//! Refuses to hash: that is slow and belongs to the domain's bounded pool.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The most bytes a password may have; longer input is refused before any hashing (L07).
pub const MAX_BYTES: usize = 1024;

/// A password as its owner typed it, in Unicode NFC so that every keyboard gives the same bytes. Never printed.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password is longer than {MAX_BYTES} bytes")]
pub struct PasswordTooLong;

impl Password {
    pub fn new(text: &str) -> Result<Self, PasswordTooLong> {
        if text.len() > MAX_BYTES {
            return Err(PasswordTooLong);
        }
        Ok(Self(Zeroizing::new(text.nfc().collect())))
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Length as NIST SP 800-63B-4 counts it: one per code point.
    pub fn characters(&self) -> usize {
        self.0.chars().count()
    }
}

/// An argon2id hash in PHC form. Not a secret to be shown either.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    pub fn from_phc(text: String) -> Self {
        Self(text)
    }

    pub fn as_phc(&self) -> &str {
        &self.0
    }
}
