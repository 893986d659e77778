//! Master keys: an ordered list, the first seals, all open.
//! Refuses duplicates and keys of another length than 256 bits.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::Random;
use zeroize::Zeroizing;

/// One key with the id that sealed values carry. Never printed.
pub struct MasterKey {
    id: String,
    bytes: Zeroizing<[u8; 32]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    #[error("no master key given")]
    Empty,
    #[error(
        "master key {0}: expected `id:base64` with 32 bytes and an id of 1 to 32 letters, digits or dashes"
    )]
    Malformed(usize),
    #[error("master key {0}: the id or the key is given twice")]
    Duplicate(usize),
}

impl MasterKey {
    /// A fresh key whose id is taken from its own randomness.
    pub fn generate(random: &dyn Random) -> Self {
        let (mut id, mut bytes) = ([0; 4], Zeroizing::new([0; 32]));
        random.fill(&mut id);
        random.fill(bytes.as_mut_slice());
        Self {
            id: format!("mk-{:08x}", u32::from_be_bytes(id)),
            bytes,
        }
    }

    /// # Errors
    /// [`MasterKeyError::Malformed`] when the id is not acceptable.
    pub fn from_bytes(id: &str, bytes: [u8; 32]) -> Result<Self, MasterKeyError> {
        let valid = (1..=32).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !valid {
            return Err(MasterKeyError::Malformed(0));
        }
        Ok(Self {
            id: id.to_owned(),
            bytes: Zeroizing::new(bytes),
        })
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// `id:base64`, the form in which keys are configured.
    pub fn to_line(&self) -> String {
        format!("{}:{}", self.id, STANDARD.encode(self.bytes.as_slice()))
    }
}

/// At least one key, in order.
pub struct MasterKeys(Vec<MasterKey>);

impl MasterKeys {
    /// One `id:base64` per line; empty lines and lines that start with `#` are skipped.
    ///
    /// # Errors
    /// Naming the first entry (counted from 1) that can't be used.
    pub fn parse(text: &str) -> Result<Self, MasterKeyError> {
        let lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut keys: Vec<MasterKey> = Vec::new();
        for (index, line) in lines.enumerate() {
            let malformed = MasterKeyError::Malformed(index + 1);
            let (id, encoded) = line.split_once(':').ok_or(malformed)?;
            let decoded = Zeroizing::new(STANDARD.decode(encoded.trim()).map_err(|_| malformed)?);
            let bytes = <[u8; 32]>::try_from(decoded.as_slice()).map_err(|_| malformed)?;
            let key = MasterKey::from_bytes(id.trim(), bytes).map_err(|_| malformed)?;
            if keys
                .iter()
                .any(|known| known.id == key.id || known.bytes == key.bytes)
            {
                return Err(MasterKeyError::Duplicate(index + 1));
            }
            keys.push(key);
        }
        if keys.is_empty() {
            Err(MasterKeyError::Empty)
        } else {
            Ok(Self(keys))
        }
    }

    pub fn generate(random: &dyn Random) -> Self {
        Self(vec![MasterKey::generate(random)])
    }

    pub fn iter(&self) -> impl Iterator<Item = &MasterKey> {
        self.0.iter()
    }

    /// The one that seals.
    pub(crate) fn first(&self) -> &MasterKey {
        &self.0[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_lists_are_refused_with_the_place() {
        let key = STANDARD.encode([7; 32]);
        assert_eq!(MasterKeys::parse("# none\n").err(), Some(MasterKeyError::Empty));
        assert_eq!(
            MasterKeys::parse("a:AAAA").err(),
            Some(MasterKeyError::Malformed(1))
        );
        assert_eq!(
            MasterKeys::parse(&format!("a:{key}\nb:{key}")).err(),
            Some(MasterKeyError::Duplicate(2))
        );
        assert_eq!(
            MasterKeys::parse(&format!("a b:{key}")).err(),
            Some(MasterKeyError::Malformed(1))
        );
    }
}
