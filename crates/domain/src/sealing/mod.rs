//! Sealing: values that must be read back are stored as AES-256-GCM under a master key.
//! Refuses to open what was sealed for another purpose: the purpose is authenticated with the value.

mod master_keys;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use model::Random;
use zeroize::Zeroizing;

pub use master_keys::{MasterKey, MasterKeyError, MasterKeys};

use crate::fault::Fault;

/// The form's first byte: key id length and id, nonce, ciphertext with tag follow.
const VERSION: u8 = 1;

/// Seals with the first master key, opens with any.
pub struct Sealer {
    keys: Vec<(String, LessSafeKey)>,
    derivation: hkdf::Prk,
}

impl Sealer {
    /// # Errors
    /// When a key can't be used by the cipher.
    pub fn new(master_keys: &MasterKeys) -> Result<Self, Fault> {
        let keys = master_keys.iter().map(|key| {
            let cipher = UnboundKey::new(&AES_256_GCM, key.bytes())
                .map_err(|_| Fault::Sealed("unusable master key"))?;
            Ok((key.id().to_owned(), LessSafeKey::new(cipher)))
        });
        let derivation =
            hkdf::Salt::new(hkdf::HKDF_SHA256, b"authz derivation").extract(master_keys.first().bytes());
        Ok(Self {
            keys: keys.collect::<Result<_, Fault>>()?,
            derivation,
        })
    }

    /// # Errors
    /// When the cipher refuses, which it does only for absurd sizes.
    pub fn seal(&self, purpose: &str, plain: &[u8], random: &dyn Random) -> Result<Vec<u8>, Fault> {
        let (id, key) = self.keys.first().ok_or(Fault::Sealed("no master key"))?;
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut sealed = vec![
            VERSION,
            u8::try_from(id.len()).map_err(|_| Fault::Sealed("key id too long"))?,
        ];
        sealed.extend_from_slice(id.as_bytes());
        sealed.extend_from_slice(&nonce);
        let mut body = plain.to_vec();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(purpose.as_bytes()),
            &mut body,
        )
        .map_err(|_| Fault::Sealed("cipher refused"))?;
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    /// # Errors
    /// When the value is damaged, was sealed for another purpose or under a key that is not configured any more.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let (id, rest) = split(sealed).ok_or(Fault::Sealed("malformed"))?;
        let (_, key) = self
            .keys
            .iter()
            .find(|(known, _)| known.as_bytes() == id)
            .ok_or(Fault::Sealed(
                "its master key is not here; look at keys.master_keys, or at master.keys in the data folder",
            ))?;
        let (nonce, body) = rest
            .split_at_checked(NONCE_LEN)
            .ok_or(Fault::Sealed("malformed"))?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Fault::Sealed("malformed"))?;
        let mut body = Zeroizing::new(body.to_vec());
        let length = key
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut body)
            .map_err(|_| Fault::Sealed("damaged or of another purpose"))?
            .len();
        body.truncate(length);
        Ok(body)
    }

    /// Whether `sealed` is under the first key; if not, it should be sealed anew.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        let current = self.keys.first().map(|(id, _)| id.as_bytes());
        split(sealed).map(|(id, _)| id) == current
    }

    /// A 32-byte key for one purpose, the same on every replica; changes with the first master key.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        let info = [purpose.as_bytes()];
        if let Ok(material) = self.derivation.expand(&info, hkdf::HKDF_SHA256) {
            // Can't fail: the output has the length that was asked for.
            let _ = material.fill(key.as_mut_slice());
        }
        key
    }
}

fn split(sealed: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[version, length], rest) = sealed.split_first_chunk::<2>()?;
    (version == VERSION).then(|| rest.split_at_checked(usize::from(length)))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::SystemRandom;

    fn sealer(ids: &[&str]) -> Sealer {
        let lines: Vec<String> = ids
            .iter()
            .map(|id| MasterKey::from_bytes(id, [id.len() as u8; 32]).unwrap().to_line())
            .collect();
        Sealer::new(&MasterKeys::parse(&lines.join("\n")).unwrap()).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_for_its_purpose_only() {
        let sealer = sealer(&["a"]);
        let sealed = sealer.seal("totp", b"seed", &SystemRandom).unwrap();
        assert_eq!(sealer.open("totp", &sealed).unwrap().as_slice(), b"seed");
        assert!(sealer.open("key", &sealed).is_err());
        for index in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[index] ^= 1;
            assert!(sealer.open("totp", &damaged).is_err(), "byte {index}");
        }
    }

    #[test]
    fn old_master_keys_still_open_and_new_ones_seal() {
        let sealed = sealer(&["old"]).seal("p", b"x", &SystemRandom).unwrap();
        let rotated = sealer(&["newer", "old"]);
        assert_eq!(rotated.open("p", &sealed).unwrap().as_slice(), b"x");
        assert!(!rotated.is_current(&sealed));
        assert!(rotated.is_current(&rotated.seal("p", b"x", &SystemRandom).unwrap()));
        assert!(sealer(&["other"]).open("p", &sealed).is_err());
    }
}
