//! Access keys: what programs of an IAM user sign requests with.
//! Refuses to be a bearer credential: the secret is never sent, or once, to be exchanged.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::api_key::ApiKeyId;
use crate::clock::Timestamp;
use crate::id::UserId;
use crate::random::Random;
use crate::secret::PlainSecret;

const PREFIX: &str = "AKIA";
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const DIGITS: usize = 16;
const BITS: u32 = 80;

/// `AKIA` and 16 characters of base32 (RFC 4648 §6): 80 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccessKeyId(u128);

/// The text is no id of an access key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of an access key")]
pub struct AccessKeyIdError;

impl AccessKeyId {
    pub fn random(random: &dyn Random) -> Self {
        let mut bytes = [0; 16];
        random.fill(&mut bytes[6..]);
        Self(u128::from_be_bytes(bytes))
    }

    /// What tokens that it was exchanged for name as their key, and revocations, too. API keys have 128 random bits, of which
    /// the first 48 are never all zero.
    pub const fn as_key(self) -> ApiKeyId {
        ApiKeyId::from_bytes(self.0.to_be_bytes())
    }
}

impl fmt::Display for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        for place in (0..DIGITS).rev() {
            let digit = (self.0 >> (5 * place)) & 31;
            fmt::Write::write_char(f, char::from(ALPHABET[digit as usize]))?;
        }
        Ok(())
    }
}

impl fmt::Debug for AccessKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for AccessKeyId {
    type Err = AccessKeyIdError;

    fn from_str(text: &str) -> Result<Self, AccessKeyIdError> {
        let digits = text.strip_prefix(PREFIX).filter(|digits| digits.len() == DIGITS);
        let mut bits: u128 = 0;
        for byte in digits.ok_or(AccessKeyIdError)?.bytes() {
            let digit = ALPHABET.iter().position(|known| *known == byte);
            bits = (bits << 5) | digit.ok_or(AccessKeyIdError)? as u128;
        }
        debug_assert!(bits >> BITS == 0);
        Ok(Self(bits))
    }
}

/// 40 characters, 240 random bits.
pub fn random_secret(random: &dyn Random) -> PlainSecret {
    let mut bytes = zeroize::Zeroizing::new([0; 30]);
    random.fill(bytes.as_mut_slice());
    PlainSecret::new(&zeroize::Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
}

/// An access key as it is stored.
#[derive(Clone)]
pub struct AccessKey {
    pub id: AccessKeyId,
    pub user_id: UserId,
    /// Whoever verifies a signature needs the secret, so it is sealed instead of digested.
    pub secret_sealed: Vec<u8>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn ids_round_trip_and_name_a_key_of_their_own() {
        for _ in 0..1000 {
            let id = AccessKeyId::random(&SystemRandom);
            let text = id.to_string();
            assert!(text.len() == 20 && text.starts_with("AKIA"), "{text}");
            assert_eq!(text.parse(), Ok(id));
            assert!(
                id.as_key().to_string().starts_with("tok_000000000"),
                "{}",
                id.as_key()
            );
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "AKIA",
            "AKIAIOSFODNN7EXAMPL",
            "AKIAIOSFODNN7EXAMPLEE",
            "akiaIOSFODNN7EXAMPLE",
            "AKIAIOSFODNN0EXAMPLE",
        ] {
            assert_eq!(text.parse::<AccessKeyId>(), Err(AccessKeyIdError), "{text}");
        }
        assert!("AKIAIOSFODNN7EXAMPLE".parse::<AccessKeyId>().is_ok());
    }

    #[test]
    fn secrets_have_forty_characters() {
        assert_eq!(random_secret(&SystemRandom).expose().len(), 40);
    }
}
