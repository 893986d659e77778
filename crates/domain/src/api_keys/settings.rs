//! What an operator decides about API keys.
//! Refuses two kinds of key that could be taken for each other.

use std::time::Duration;

use model::api_key::KeyKind;

use super::rotation::RotationThresholds;
use oauth::api_key::KeyPrefix;
use oauth::scope::ScopeSet;

#[derive(Clone, Debug)]
pub struct ApiKeySettings {
    pub prefixes: KeyPrefixes,
    /// Live keys per user.
    pub most_per_user: usize,
    /// The longest life of a key; none: as long as the model allows.
    pub longest_life: Option<Duration>,
    /// Whether a key may be made that never ends.
    pub endless: bool,
    /// First parts of permissions that only administrators may have, besides `admin…`.
    pub reserved: Vec<String>,
    /// Named permissions that others than administrators may have; none: all that are not reserved.
    pub named: Option<ScopeSet>,
    /// Requests a minute that a new key may make, where nothing else is said when it is made; none: as many as others.
    pub rate_limit: Option<u32>,
    /// Life of what a key is exchanged for.
    pub exchange_ttl: Duration,
    pub rotation: RotationThresholds,
}

impl Default for ApiKeySettings {
    fn default() -> Self {
        Self {
            prefixes: KeyPrefixes::default(),
            most_per_user: 100,
            longest_life: None,
            endless: true,
            reserved: Vec::new(),
            named: None,
            rate_limit: None,
            exchange_ttl: Duration::from_secs(15 * 60),
            rotation: RotationThresholds {
                warning_days: 30,
                required_days: 90,
            },
        }
    }
}

/// What the keys of each kind begin with; no text could begin with two of them.
#[derive(Clone, Debug)]
pub struct KeyPrefixes([KeyPrefix; 5]);

impl KeyPrefixes {
    /// One for each of [`KeyKind::ALL`].
    ///
    /// # Errors
    /// The two kinds that would be confused.
    pub fn new(prefixes: [KeyPrefix; 5]) -> Result<Self, (KeyKind, KeyKind)> {
        for (index, one) in prefixes.iter().enumerate() {
            for (later, other) in prefixes.iter().enumerate().skip(index + 1) {
                if one.collides_with(other) {
                    return Err((KeyKind::ALL[index], KeyKind::ALL[later]));
                }
            }
        }
        Ok(Self(prefixes))
    }

    /// Whether the text begins as a key does, whatever follows.
    pub fn begin(&self, text: &str) -> bool {
        self.0.iter().any(|prefix| text.starts_with(prefix.as_str()))
    }

    pub fn of(&self, kind: KeyKind) -> &KeyPrefix {
        &self.0[kind as usize]
    }
}

impl Default for KeyPrefixes {
    #[expect(clippy::expect_used, reason = "constants, tried by a test")]
    fn default() -> Self {
        let prefixes = ["ecloud_", "ch_live_", "ci_", "ch_svc_", "ch_admin_"];
        let prefixes = prefixes.map(|text| KeyPrefix::parse(text).expect("a prefix"));
        Self::new(prefixes).expect("distinct prefixes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart_by_their_prefixes() {
        let prefixes = KeyPrefixes::default();
        for kind in KeyKind::ALL {
            let key = prefixes.of(kind).encode(&[1; 32]);
            let takers = KeyKind::ALL
                .iter()
                .filter(|kind| prefixes.of(**kind).is_random_key(&key));
            assert_eq!(takers.collect::<Vec<_>>(), [&kind]);
        }
        let same = ["a_", "b_", "c_", "d_", "a_"].map(|text| format!("x{text}"));
        let same = same.map(|text| KeyPrefix::parse(&text).unwrap());
        assert_eq!(
            KeyPrefixes::new(same).err(),
            Some((KeyKind::Token, KeyKind::Admin))
        );
    }
}
