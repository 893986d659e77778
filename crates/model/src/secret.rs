//! Secrets as types: one that is shown once, one that is stored.
//! Refuses to print: neither has `Debug`, `Display` or `Serialize`; the plain one is wiped when dropped.

use oauth::opaque::{self, OpaqueKind};
use oauth::secret::SecretText;
use subtle::ConstantTimeEq;

use crate::random::{self, Random};

/// A secret in the clear, on its way in from or out to its one owner.
#[derive(Clone)]
pub struct PlainSecret(SecretText);

impl PlainSecret {
    pub fn new(text: &str) -> Self {
        Self(SecretText::from(text))
    }

    /// A fresh bearer secret of this kind: 256 random bits, product prefix, kind and checksum.
    pub fn generate(kind: OpaqueKind, random: &dyn Random) -> Self {
        Self(opaque::encode(kind, &random::secret_bytes(random)).into())
    }

    /// The text itself. Each call is a place where the secret leaves its type.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// For a wire type that hands it to its owner.
    pub fn into_text(self) -> SecretText {
        self.0
    }

    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(self.expose())
    }
}

/// SHA-256 of a bearer secret: what is stored and looked up. The secrets have at least 128 bits, so no salt is needed.
#[derive(Clone, Copy)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    pub fn of(text: &str) -> Self {
        Self(opaque::digest(text))
    }

    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Constant time.
impl PartialEq for SecretDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}
impl Eq for SecretDigest {}

impl std::hash::Hash for SecretDigest {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
