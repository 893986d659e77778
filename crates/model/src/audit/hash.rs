//! SHA-256 as chains of audit entries use it: over parts with their lengths, each use in a domain of its own.
//! Refuses ambiguity: no two lists of parts are hashed alike, and nothing hashed here means anything elsewhere.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// The hash of an entry, of a place in a chain, or a commitment; written as base64url.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash([u8; 32]);

impl ChainHash {
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What the first entry of an account's chain has before it.
    pub fn genesis(account: &str) -> Self {
        let mut parts = Parts::new("authz/audit/chain/1");
        parts.text(account);
        parts.finish()
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is no hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be 32 bytes in base64url without padding")]
pub struct HashError;

impl FromStr for ChainHash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| HashError)?;
        bytes.try_into().map(Self).map_err(|_| HashError)
    }
}

impl Serialize for ChainHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ChainHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What is hashed, part by part.
#[derive(Clone)]
pub struct Parts(Sha256);

impl Parts {
    /// `domain` names the use and its version.
    pub fn new(domain: &str) -> Self {
        let mut parts = Self(Sha256::new());
        parts.bytes(domain.as_bytes());
        parts
    }

    pub fn bytes(&mut self, part: &[u8]) {
        self.0.update([1]);
        self.0.update((part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    pub fn text(&mut self, part: &str) {
        self.bytes(part.as_bytes());
    }

    pub fn int(&mut self, part: i64) {
        self.bytes(&part.to_be_bytes());
    }

    /// Absent is not empty.
    pub fn opt(&mut self, part: Option<&str>) {
        match part {
            Some(part) => self.text(part),
            None => self.0.update([0]),
        }
    }

    pub fn finish(self) -> ChainHash {
        ChainHash(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(domain: &str, parts: &[Option<&str>]) -> ChainHash {
        let mut hash = Parts::new(domain);
        for part in parts {
            hash.opt(*part);
        }
        hash.finish()
    }

    #[test]
    fn no_two_lists_of_parts_are_hashed_alike() {
        let all = [
            of("d", &[Some("ab"), Some("c")]),
            of("d", &[Some("a"), Some("bc")]),
            of("d", &[Some("abc")]),
            of("d", &[Some("abc"), None]),
            of("d", &[Some("abc"), Some("")]),
            of("e", &[Some("abc")]),
        ];
        for (place, hash) in all.iter().enumerate() {
            assert!(!all[..place].contains(hash), "{place}");
        }
    }

    #[test]
    fn text_reads_back_and_has_one_spelling() {
        let hash = ChainHash::genesis("000000000001");
        let text = hash.to_string();
        assert_eq!(text.parse(), Ok(hash));
        for other in ["", "AAAA", &format!("{text}="), &text[1..]] {
            assert_eq!(other.parse::<ChainHash>(), Err(HashError), "{other}");
        }
    }
}
