//! `[keys]`: the master keys that seal secrets at rest, and the life of the signing keys.
//! Parses nothing but the outer form `id:base64`; it never makes a key.

use std::path::PathBuf;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Period, Problems, Secret, secret::all_redacted};

/// The keys that seal secrets at rest, and the life of the signing keys.
#[derive(Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeysConfig {
    /// A file with one `id:base64-of-32-bytes` per line. Without any master key one is made in `server.data_dir`.
    pub master_keys_file: Option<PathBuf>,
    /// The same entries in place: the first seals, all can open.
    #[serde(serialize_with = "all_redacted")]
    #[schemars(with = "Vec<String>")]
    pub master_keys: Vec<Secret>,
    /// How often a new signing key takes over.
    pub rotate_every: Period,
    /// How long a new signing key is published before it signs.
    pub publish_ahead: Period,
    /// The algorithm of tokens for clients that chose none. Without it: ES256, or RS256 in the `oidc` profile.
    pub default_algorithm: Option<Algorithm>,
}

/// A signature algorithm for tokens.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub enum Algorithm {
    ES256,
    RS256,
    PS256,
    EdDSA,
}

impl Default for KeysConfig {
    fn default() -> Self {
        Self {
            master_keys_file: None,
            master_keys: Vec::new(),
            rotate_every: Period::days(30),
            publish_ahead: Period::days(1),
            default_algorithm: None,
        }
    }
}

impl KeysConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        let mut seen: Vec<&str> = Vec::new();
        for entry in &self.master_keys {
            match master_key_id(entry.expose()) {
                Some(id) if seen.contains(&id) => {
                    problems.add("keys.master_keys", format!("the id {id} occurs twice"));
                }
                Some(id) => seen.push(id),
                None => problems.add(
                    "keys.master_keys",
                    "each must be written id:base64-of-32-random-bytes",
                ),
            }
        }
        problems.add_if(
            self.publish_ahead >= self.rotate_every,
            "keys.publish_ahead",
            "must be shorter than keys.rotate_every, or a key would retire before it signs",
        );
    }
}

/// The id of a well-formed entry: a short name, a colon, and the base64 of 32 bytes that are not all the same.
fn master_key_id(entry: &str) -> Option<&str> {
    let (id, encoded) = entry.split_once(':')?;
    let named = (1..=32).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let key = zeroize::Zeroizing::new(STANDARD.decode(encoded).ok()?);
    let varied = key.iter().any(|byte| Some(byte) != key.first());
    (named && key.len() == 32 && varied).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::master_key_id;

    #[test]
    fn a_master_key_is_an_id_and_32_bytes() {
        assert_eq!(
            master_key_id("k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
            Some("k1")
        );
        for wrong in [
            "",
            "k1",
            "k1:",
            "k1:AAEC",
            ":AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "k 1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        ] {
            assert_eq!(master_key_id(wrong), None, "{wrong}");
        }
        assert_eq!(
            master_key_id("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            None,
            "all zero"
        );
    }
}
