//! The RSA key of a GitHub App, in the form in which GitHub hands it out.
//! Verifies with its own library calls, so that a fault of the signer under test is not repeated here.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{self, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// The bytes of a PKCS#8 envelope before the PKCS#1 key in it, for 2048 bits.
const ENVELOPE_BYTES: usize = 26;
const PEM_LINE: usize = 64;

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppKeyError {
    /// Not a PEM block with an RSA private key, PKCS#1 or PKCS#8.
    #[error("not an RSA private key in PEM form")]
    Unreadable,
    /// The library could not make a key or a signature.
    #[error("the cryptographic library failed")]
    Library,
}

/// The key pair of a GitHub App.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct AppKey {
    pem: String,
    public: Vec<u8>,
}

impl AppKey {
    /// Makes a new 2048 bit key.
    ///
    /// # Errors
    /// When the library fails.
    pub fn generate() -> Result<Self, AppKeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| AppKeyError::Library)?;
        let envelope = pair.as_der().map_err(|_| AppKeyError::Library)?;
        let der = envelope
            .as_ref()
            .get(ENVELOPE_BYTES..)
            .ok_or(AppKeyError::Library)?;
        Self::from_pem(&pem("RSA PRIVATE KEY", der))
    }

    /// Reads a private key: `RSA PRIVATE KEY`, as GitHub hands out, or `PRIVATE KEY`.
    ///
    /// # Errors
    /// [`AppKeyError::Unreadable`] for anything else.
    pub fn from_pem(text: &str) -> Result<Self, AppKeyError> {
        let public = pair(text)?.public_key().as_ref().to_vec();
        Ok(Self {
            pem: text.to_owned(),
            public,
        })
    }

    /// The private key, for the configuration of the program under test.
    #[must_use]
    pub fn private_pem(&self) -> &str {
        &self.pem
    }

    /// Signs claims as a JWT, as an app does (RFC 7515 §5.1).
    ///
    /// # Errors
    /// When the claims are not JSON or the library fails.
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, AppKeyError> {
        let claims = serde_json::to_vec(claims).map_err(|_| AppKeyError::Library)?;
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
        let mut token = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let pair = pair(&self.pem)?;
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(
            &signature::RSA_PKCS1_SHA256,
            &aws_lc_rs::rand::SystemRandom::new(),
            token.as_bytes(),
            &mut signature,
        )
        .map_err(|_| AppKeyError::Library)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, &self.public)
            .verify(message, signature)
            .is_ok()
    }
}

impl TryFrom<String> for AppKey {
    type Error = AppKeyError;

    fn try_from(text: String) -> Result<Self, AppKeyError> {
        Self::from_pem(&text)
    }
}

fn pair(text: &str) -> Result<KeyPair, AppKeyError> {
    let body = |label: &str| -> Option<Vec<u8>> {
        let rest = text.trim().strip_prefix(&format!("-----BEGIN {label}-----"))?;
        let lines = rest.strip_suffix(&format!("-----END {label}-----"))?;
        let packed: String = lines.split_ascii_whitespace().collect();
        STANDARD.decode(packed).ok()
    };
    if let Some(der) = body("RSA PRIVATE KEY") {
        return KeyPair::from_der(&der).map_err(|_| AppKeyError::Unreadable);
    }
    let der = body("PRIVATE KEY").ok_or(AppKeyError::Unreadable)?;
    KeyPair::from_pkcs8(&der).map_err(|_| AppKeyError::Unreadable)
}

fn pem(label: &str, der: &[u8]) -> String {
    let packed = STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = packed.as_str();
    while !rest.is_empty() {
        let (line, left) = rest.split_at(rest.len().min(PEM_LINE));
        text.push_str(line);
        text.push('\n');
        rest = left;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_has_the_form_that_github_hands_out() {
        let key = AppKey::generate().unwrap();
        assert!(key.private_pem().starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
        let again = AppKey::from_pem(key.private_pem()).unwrap();
        let token = key.sign(&serde_json::json!({"iss": "1"})).unwrap();
        let (message, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        assert!(again.verifies(message.as_bytes(), &signature));
        assert!(!again.verifies(b"other", &signature));
    }

    #[test]
    fn other_texts_are_no_keys() {
        for text in [
            "",
            "secret",
            "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----",
        ] {
            assert_eq!(AppKey::from_pem(text).err(), Some(AppKeyError::Unreadable));
        }
    }
}
