//! Proof Key for Code Exchange (RFC 7636), S256 only.
//! Refuses the `plain` method, its silent default, and anything of the wrong length or alphabet.

use crate::error::OAuthError;
use crate::secret::SecretText;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The one challenge method on offer.
pub const METHOD: &str = "S256";

/// Why a challenge or verifier was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PkceError {
    /// The method is `plain`, unknown, or absent, which means `plain`.
    #[error("code_challenge_method must be S256")]
    Method,
    /// The challenge is no SHA-256 in base64url.
    #[error("code_challenge must be 43 characters of base64url")]
    Challenge,
    /// The verifier is not 43 to 128 unreserved characters.
    #[error("code_verifier must be 43 to 128 unreserved characters")]
    Verifier,
}

impl From<PkceError> for OAuthError {
    fn from(error: PkceError) -> Self {
        match error {
            PkceError::Method | PkceError::Challenge => Self::invalid_request(error.to_string()),
            // RFC 7636 §4.6: a verifier that cannot be right is answered as one that is wrong
            PkceError::Verifier => Self::invalid_grant(),
        }
    }
}

/// The S256 challenge of an authorization request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Reads challenge and method as they were sent.
    pub fn parse(challenge: &str, method: Option<&str>) -> Result<Self, PkceError> {
        // RFC 7636 §4.3: an absent method means plain
        if method != Some(METHOD) {
            return Err(PkceError::Method);
        }
        Self::try_from(challenge.to_owned())
    }

    /// The challenge as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the verifier is the one this challenge was made of, in constant time.
    #[must_use]
    pub fn verify(&self, verifier: &CodeVerifier) -> bool {
        // RFC 7636 §4.6
        verifier.challenge().0.as_bytes().ct_eq(self.0.as_bytes()).into()
    }
}

impl TryFrom<String> for CodeChallenge {
    type Error = PkceError;

    fn try_from(challenge: String) -> Result<Self, PkceError> {
        // RFC 7636 §4.2: the unpadded base64url of 32 bytes is 43 characters
        if challenge.len() != 43 || URL_SAFE_NO_PAD.decode(&challenge).is_err() {
            return Err(PkceError::Challenge);
        }
        Ok(Self(challenge))
    }
}

impl From<CodeChallenge> for String {
    fn from(challenge: CodeChallenge) -> Self {
        challenge.0
    }
}

/// The verifier of a token request.
#[derive(Clone)]
pub struct CodeVerifier(SecretText);

impl CodeVerifier {
    /// Checks length and alphabet (RFC 7636 §4.1).
    pub fn parse(text: &str) -> Result<Self, PkceError> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if !(43..=128).contains(&text.len()) || !text.bytes().all(unreserved) {
            return Err(PkceError::Verifier);
        }
        Ok(Self(text.into()))
    }

    /// The challenge that belongs to this verifier (RFC 7636 §4.2).
    #[must_use]
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge(URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.expose().as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    /// RFC 7636 appendix B.
    #[test]
    fn example_of_the_rfc_verifies() {
        let verifier = CodeVerifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
        let challenge = CodeChallenge::parse(CHALLENGE, Some("S256")).unwrap();
        assert!(challenge.verify(&verifier));
        assert!(!challenge.verify(&CodeVerifier::parse(CHALLENGE).unwrap()));
    }

    /// O09
    #[test]
    fn plain_and_absent_method_are_refused() {
        for method in [None, Some("plain"), Some("s256"), Some("S512"), Some("")] {
            assert_eq!(CodeChallenge::parse(CHALLENGE, method), Err(PkceError::Method));
        }
    }

    /// O09
    #[test]
    fn verifier_limits_hold_one_below_at_and_one_above() {
        for (len, good) in [
            (0, false),
            (42, false),
            (43, true),
            (44, true),
            (127, true),
            (128, true),
            (129, false),
        ] {
            assert_eq!(CodeVerifier::parse(&"a".repeat(len)).is_ok(), good, "{len}");
        }
        for c in ["+", "/", "=", " ", "\u{e9}", "\0"] {
            assert!(CodeVerifier::parse(&("a".repeat(50) + c)).is_err(), "{c:?}");
        }
    }

    #[test]
    fn challenge_of_wrong_shape_is_refused() {
        let long = format!("{CHALLENGE}A");
        let padded = format!("{}=", &CHALLENGE[..42]);
        let stray_bits = format!("{}N", &CHALLENGE[..42]);
        for text in [
            "",
            &CHALLENGE[..42],
            &long,
            &padded,
            &stray_bits,
            &CHALLENGE.replace('-', "+"),
        ] {
            assert_eq!(
                CodeChallenge::parse(text, Some("S256")),
                Err(PkceError::Challenge),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn only_the_own_verifier_opens(left in "[A-Za-z0-9._~-]{43,128}", right in "[A-Za-z0-9._~-]{43,128}") {
            let (one, other) = (CodeVerifier::parse(&left).unwrap(), CodeVerifier::parse(&right).unwrap());
            prop_assert!(one.challenge().verify(&one));
            prop_assert_eq!(one.challenge().verify(&other), left == right);
        }
    }
}
