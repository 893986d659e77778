//! The `cnf` member: to whose key a token is bound (RFC 7800 §3.1, RFC 8705 §3.1, RFC 9449 §6.1).
//! Refuses to be met by less than all it names; verifies no proof itself.

use crate::token::TokenType;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// A SHA-256 in base64url without padding.
const THUMBPRINT_LEN: usize = 43;

/// What a token is bound to, and as well what a request proves to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Confirmation {
    /// The thumbprint of a DPoP key (RFC 9449 §6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<String>,
    /// The SHA-256 of a client certificate (RFC 8705 §3.1).
    #[serde(rename = "x5t#S256", default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

/// Why what a request proves does not go with its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HolderError {
    /// The token is bound to a DPoP key, and no proof came with it.
    #[error("the token is bound to a key, and no proof came with it")]
    NoProof,
    /// The proof is of another key.
    #[error("the proof is of another key than the token")]
    OtherKey,
    /// A proof came with a token that is not bound to a DPoP key.
    #[error("the token is not bound to a key")]
    NotBound,
    /// The token is bound to another certificate than that of the connection, which may have none.
    #[error("the token is bound to another certificate")]
    OtherCertificate,
}

impl Confirmation {
    /// Reads the member of a token; nothing when it is bound in a way that is not known here.
    #[must_use]
    pub fn read(member: &serde_json::Value) -> Option<Self> {
        let own = Self::deserialize(member).ok()?;
        let sane = |name: &Option<String>| name.as_deref().is_none_or(is_thumbprint);
        Some(own).filter(|own| !own.is_empty() && sane(&own.jkt) && sane(&own.certificate))
    }

    /// How a token bound to it is used: its `token_type`.
    #[must_use]
    pub const fn token_type(&self) -> TokenType {
        if self.jkt.is_some() {
            TokenType::DPoP
        } else {
            TokenType::Bearer
        }
    }

    /// Bound to nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.jkt.is_none() && self.certificate.is_none()
    }

    /// Nothing, when it names nothing.
    #[must_use]
    pub fn or_none(self) -> Option<Self> {
        Some(self).filter(|own| !own.is_empty())
    }

    /// Whether everything it names is held.
    #[must_use]
    pub fn is_held(&self, held: &Self) -> bool {
        let within = |bound: &Option<String>, shown: &Option<String>| bound.is_none() || bound == shown;
        within(&self.jkt, &held.jkt) && within(&self.certificate, &held.certificate)
    }

    /// Whether whoever proves `held` may use a token bound to this.
    ///
    /// # Errors
    /// The first thing that is not proven; also a proof for a token without a key (RFC 9449 §7.1).
    pub fn met_by(&self, held: &Self) -> Result<(), HolderError> {
        match (&self.jkt, &held.jkt) {
            (None, Some(_)) => return Err(HolderError::NotBound),
            (Some(_), None) => return Err(HolderError::NoProof),
            (Some(bound), Some(shown)) if bound != shown => return Err(HolderError::OtherKey),
            _ => {}
        }
        // A certificate is shown to everybody, whether or not a token is bound to it.
        match &self.certificate {
            Some(bound)
                if !held
                    .certificate
                    .as_deref()
                    .is_some_and(|shown| same(bound, shown)) =>
            {
                Err(HolderError::OtherCertificate)
            }
            _ => Ok(()),
        }
    }
}

/// Whether two thumbprints are the same, in a time that does not tell where they differ.
fn same(bound: &str, shown: &str) -> bool {
    bound.as_bytes().ct_eq(shown.as_bytes()).into()
}

/// Whether the text may be a thumbprint: a SHA-256 in base64url, in its one spelling.
#[must_use]
pub fn is_thumbprint(text: &str) -> bool {
    text.len() == THUMBPRINT_LEN && URL_SAFE_NO_PAD.decode(text).is_ok()
}

/// `x5t#S256`: the thumbprint of a certificate in DER (RFC 8705 §3.1).
#[must_use]
pub fn certificate_thumbprint(der: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(der))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(jkt: Option<&str>, certificate: Option<&str>) -> Confirmation {
        Confirmation {
            jkt: jkt.map(str::to_owned),
            certificate: certificate.map(str::to_owned),
        }
    }

    /// O25
    #[test]
    fn everything_named_must_be_held() {
        let both = held(Some("a"), Some("c"));
        assert_eq!(both.met_by(&both), Ok(()));
        assert_eq!(both.met_by(&held(None, Some("c"))), Err(HolderError::NoProof));
        assert_eq!(
            both.met_by(&held(Some("b"), Some("c"))),
            Err(HolderError::OtherKey)
        );
        for other in [None, Some("d")] {
            assert_eq!(
                both.met_by(&held(Some("a"), other)),
                Err(HolderError::OtherCertificate)
            );
        }
    }

    #[test]
    fn a_proof_for_an_unbound_token_is_refused_and_a_certificate_is_not() {
        let unbound = Confirmation::default();
        assert_eq!(unbound.met_by(&held(None, Some("c"))), Ok(()));
        assert_eq!(unbound.met_by(&held(Some("a"), None)), Err(HolderError::NotBound));
    }

    #[test]
    fn members_have_the_registered_names() {
        let text = r#"{"jkt":"a","x5t#S256":"c"}"#;
        let read: Confirmation = serde_json::from_str(text).unwrap();
        assert_eq!(read, held(Some("a"), Some("c")));
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }

    #[test]
    fn a_thumbprint_has_one_spelling() {
        assert!(is_thumbprint("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"));
        for text in [
            "",
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4J",
            "0ZcOCORZNYy+DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I=",
        ] {
            assert!(!is_thumbprint(text), "{text}");
        }
    }
}
