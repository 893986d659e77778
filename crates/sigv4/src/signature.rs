//! The signature itself: the chain of keys from a secret, and its comparison.
//! Refuses to leave a derived key in memory, and to compare in a time that depends on the bytes.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::refusal::Refusal;

/// 32 bytes, sent as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy)]
pub(crate) struct Signature([u8; 32]);

impl Signature {
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let lower = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)
            .ok()
            .filter(|()| lower)
            .ok_or(Refusal::Incomplete("the signature is not 64 hexadecimal digits"))?;
        Ok(Self(bytes))
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether the secret signs `text` with this, in the scope `day/region/service/aws4_request`.
    pub fn is_of(&self, secret: &[u8], scope: &str, text: &str) -> bool {
        let first = Zeroizing::new([b"AWS4", secret].concat());
        let mut key = first;
        for part in scope.split('/') {
            key = Zeroizing::new(hmac(&key, part.as_bytes()).to_vec());
        }
        let expected = Zeroizing::new(hmac(&key, text.as_bytes()));
        expected.as_slice().ct_eq(&self.0).into()
    }
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC takes keys of every length (RFC 2104 §2), so there is no error to tell of.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    mac.update(message);
    mac.finalize().into_bytes().into()
}
