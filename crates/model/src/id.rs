//! Typed ids: 128 random bits behind a prefix that tells the kind.
//! Refuses to be guessed, reused or mixed up: the kind is part of the type and of the text.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use crate::random::Random;

/// What an id names; the prefix is part of its text for ever.
pub trait Kind {
    const PREFIX: &'static str;
}

/// An id of kind `K`, written `<prefix>_<26 characters of Crockford base32, lower case>`.
pub struct Id<K> {
    bits: u128,
    kind: PhantomData<fn() -> K>,
}

#[derive(Debug)]
pub struct UserKind;
#[derive(Debug)]
pub struct SessionKind;
#[derive(Debug)]
pub struct GrantKind;
#[derive(Debug)]
pub struct AccessTokenKind;
#[derive(Debug)]
pub struct AuditKind;
#[derive(Debug)]
pub struct ChallengeKind;
#[derive(Debug)]
pub struct JobKind;
#[derive(Debug)]
pub struct PasskeyKind;
#[derive(Debug)]
pub struct TrustedDeviceKind;
#[derive(Debug)]
pub struct AvatarKind;
#[derive(Debug)]
pub struct GroupKind;
#[derive(Debug)]
pub struct PolicyKind;

impl Kind for UserKind {
    const PREFIX: &'static str = "usr";
}
impl Kind for SessionKind {
    const PREFIX: &'static str = "ses";
}
impl Kind for GrantKind {
    const PREFIX: &'static str = "gra";
}
impl Kind for AccessTokenKind {
    const PREFIX: &'static str = "tok";
}
impl Kind for AuditKind {
    const PREFIX: &'static str = "aud";
}
impl Kind for ChallengeKind {
    const PREFIX: &'static str = "mch";
}
impl Kind for JobKind {
    const PREFIX: &'static str = "job";
}
impl Kind for AvatarKind {
    const PREFIX: &'static str = "ava";
}
impl Kind for PasskeyKind {
    const PREFIX: &'static str = "pky";
}
impl Kind for TrustedDeviceKind {
    const PREFIX: &'static str = "tdv";
}

impl Kind for GroupKind {
    const PREFIX: &'static str = "grp";
}
impl Kind for PolicyKind {
    const PREFIX: &'static str = "pol";
}

pub type UserId = Id<UserKind>;
pub type SessionId = Id<SessionKind>;
pub type GrantId = Id<GrantKind>;
pub type AccessTokenId = Id<AccessTokenKind>;
pub type AuditId = Id<AuditKind>;
pub type ChallengeId = Id<ChallengeKind>;
pub type JobId = Id<JobKind>;
pub type AvatarId = Id<AvatarKind>;
pub type PasskeyId = Id<PasskeyKind>;
pub type TrustedDeviceId = Id<TrustedDeviceKind>;
pub type GroupId = Id<GroupKind>;
pub type PolicyId = Id<PolicyKind>;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TEXT_LEN: usize = 26;

impl<K: Kind> Id<K> {
    pub fn random(random: &dyn Random) -> Self {
        let mut bytes = [0; 16];
        random.fill(&mut bytes);
        Self {
            bits: u128::from_be_bytes(bytes),
            kind: PhantomData,
        }
    }
}

impl<K> Id<K> {
    /// The id of these 128 bits.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self {
            bits: u128::from_be_bytes(bytes),
            kind: PhantomData,
        }
    }

    /// The 128 bits, for protocols that carry them without the kind.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.bits.to_be_bytes()
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0_u8; TEXT_LEN];
        let mut rest = self.bits;
        for slot in text.iter_mut().rev() {
            *slot = ALPHABET[(rest & 31) as usize];
            rest >>= 5;
        }
        f.write_str(K::PREFIX)?;
        f.write_str("_")?;
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

/// The text is not an id of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct IdError;

impl<K: Kind> FromStr for Id<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits = text
            .strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .ok_or(IdError)?;
        if digits.len() != TEXT_LEN {
            return Err(IdError);
        }
        let mut bits: u128 = 0;
        for (index, byte) in digits.bytes().enumerate() {
            let value = ALPHABET.iter().position(|known| *known == byte).ok_or(IdError)?;
            // 26 × 5 = 130 bits: the first digit may use three of its five.
            if index == 0 && value > 7 {
                return Err(IdError);
            }
            bits = (bits << 5) | value as u128;
        }
        Ok(Self {
            bits,
            kind: PhantomData,
        })
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bits.cmp(&other.bits)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits.hash(state);
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<K: Kind> serde::Serialize for Id<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, K: Kind> serde::Deserialize<'de> for Id<K> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn text_round_trips_and_kinds_do_not_mix() {
        for _ in 0..1000 {
            let id = UserId::random(&SystemRandom);
            let text = id.to_string();
            assert_eq!(text.len(), 4 + TEXT_LEN);
            assert_eq!(text.parse::<UserId>(), Ok(id));
            assert_eq!(text.parse::<SessionId>(), Err(IdError));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        let id = UserId::random(&SystemRandom).to_string();
        for wrong in [
            id.to_uppercase(),
            format!("{id}0"),
            id[..29].to_owned(),
            format!("usr_{}", "z".repeat(26)),
        ] {
            assert_eq!(wrong.parse::<UserId>(), Err(IdError), "{wrong}");
        }
    }
}
