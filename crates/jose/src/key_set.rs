//! A set of public keys, ours or somebody else's, ready to verify with.
//! Refuses sets that leak private keys or name two keys alike; drops keys it has no use for.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::jwk::PublicKey;
use crate::strict_json::parse_object;
use crate::{Algorithm, KeySetError};

/// The largest key set that is read.
pub const MAX_KEY_SET_BYTES: usize = 64 * 1024;
/// The most keys a set may have.
pub const MAX_KEYS: usize = 64;

/// RFC 7518 §6.2.2 and §6.3.2.
const PRIVATE_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];

/// Public keys by name.
#[derive(Default)]
pub struct KeySet {
    keys: Vec<PublicKey>,
}

impl KeySet {
    /// Reads a JWK Set (RFC 7517 §5); keys of other kinds, uses and algorithms are left out, so it may be empty.
    ///
    /// # Errors
    /// When the set as a whole is refused.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeySetError> {
        if bytes.len() > MAX_KEY_SET_BYTES {
            return Err(KeySetError::TooLarge);
        }
        let mut set = parse_object(bytes).ok_or(KeySetError::Malformed)?;
        let Some(Value::Array(keys)) = set.remove("keys") else {
            return Err(KeySetError::Malformed);
        };
        let jwks = keys.into_iter().map(|key| match key {
            Value::Object(jwk) => Ok(jwk),
            _ => Err(KeySetError::Malformed),
        });
        Self::collect(jwks)
    }

    /// Makes a set of JWKs, such as those of [`crate::SigningKey::public_jwk`].
    ///
    /// # Errors
    /// As [`KeySet::parse`].
    pub fn from_public_jwks(jwks: impl IntoIterator<Item = Map<String, Value>>) -> Result<Self, KeySetError> {
        Self::collect(jwks.into_iter().map(Ok))
    }

    /// The set as a JWK Set, in its order, with the members we understand only.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let keys: Vec<_> = self.keys.iter().map(PublicKey::jwk).collect();
        json!({ "keys": keys })
    }

    /// The key of that name for that algorithm; without a name, the only key of the algorithm.
    #[must_use]
    pub fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&PublicKey> {
        let mut fitting = self.keys.iter().filter(|key| key.supports(algorithm));
        if kid.is_some() {
            return fitting.find(|key| key.kid() == kid);
        }
        let only = fitting.next();
        if fitting.next().is_some() { None } else { only }
    }

    /// The names of the keys, in order; keys without a name are not among them.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(PublicKey::kid)
    }

    /// A name for the set: the same for two sets of keys with the same names, in whatever order.
    #[must_use]
    pub fn name(&self) -> String {
        let mut kids: Vec<&str> = self.kids().collect();
        kids.sort_unstable();
        let mut hash = Sha256::new();
        for kid in kids {
            hash.update((kid.len() as u64).to_be_bytes());
            hash.update(kid);
        }
        URL_SAFE_NO_PAD.encode(&hash.finalize()[..16])
    }

    /// How many keys can be used.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key can be used.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    fn collect(
        jwks: impl Iterator<Item = Result<Map<String, Value>, KeySetError>>,
    ) -> Result<Self, KeySetError> {
        let mut set = Self::default();
        for (index, jwk) in jwks.enumerate() {
            if index >= MAX_KEYS {
                return Err(KeySetError::TooManyKeys);
            }
            set.add(&jwk?)?;
        }
        Ok(set)
    }

    fn add(&mut self, jwk: &Map<String, Value>) -> Result<(), KeySetError> {
        let symmetric = jwk.get("kty").is_some_and(|kty| kty == "oct");
        if !symmetric && has_private_member(jwk) {
            return Err(KeySetError::PrivateMember);
        }
        let Some(key) = PublicKey::read(jwk) else {
            return Ok(());
        };
        if key.kid().is_some_and(|kid| self.kids().any(|known| known == kid)) {
            return Err(KeySetError::DuplicateKid);
        }
        self.keys.push(key);
        Ok(())
    }
}

/// Whether an asymmetric key shows more than its public half.
pub(crate) fn has_private_member(jwk: &Map<String, Value>) -> bool {
    PRIVATE_MEMBERS.iter().any(|name| jwk.contains_key(*name))
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.keys).finish()
    }
}
