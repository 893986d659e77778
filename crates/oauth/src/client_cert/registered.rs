//! Certificates that a client registered by value, in its key set (RFC 8705 §2.2).
//! Refuses to look at who signed them: they are known to the byte.

use crate::confirmation::{certificate_thumbprint, thumbprint};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The SHA-256 of each certificate that a key set names: the first of `x5c`, or `x5t#S256` (RFC 7517 §4.7, §4.9).
fn thumbprints(jwks: &Value) -> impl Iterator<Item = String> {
    let keys = jwks.get("keys").and_then(Value::as_array);
    keys.into_iter().flatten().filter_map(|key| {
        let whole = key
            .get("x5c")
            .and_then(|chain| chain.get(0))
            .and_then(Value::as_str);
        match whole {
            // RFC 7517 §4.7: base64, not base64url.
            Some(text) => STANDARD.decode(text).ok().map(|der| certificate_thumbprint(&der)),
            None => key.get("x5t#S256").and_then(Value::as_str).map(str::to_owned),
        }
    })
}

/// Whether the key set names any certificate.
#[must_use]
pub fn has_certificates(jwks: &Value) -> bool {
    thumbprints(jwks).any(|name| crate::confirmation::is_thumbprint(&name))
}

/// Whether the key set names the certificate with this SHA-256.
#[must_use]
pub fn names_certificate(jwks: &Value, digest: [u8; 32]) -> bool {
    let shown = thumbprint(digest);
    thumbprints(jwks).any(|own| own == shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sha2::{Digest as _, Sha256};

    /// O18
    #[test]
    fn a_certificate_is_named_whole_or_by_its_digest() {
        let digest = |bytes: &[u8]| <[u8; 32]>::from(Sha256::digest(bytes));
        let set = json!({"keys": [
            {"kty": "EC", "x5c": [STANDARD.encode(b"one"), STANDARD.encode(b"its authority")]},
            {"kty": "EC", "x5t#S256": thumbprint(digest(b"two"))},
            {"kty": "EC"},
        ]});
        for (bytes, named) in [
            (&b"one"[..], true),
            (b"two", true),
            (b"its authority", false),
            (b"three", false),
        ] {
            assert_eq!(names_certificate(&set, digest(bytes)), named);
        }
        assert!(has_certificates(&set));
        for none in [
            json!({}),
            json!({"keys": [{"kty": "EC"}]}),
            json!({"keys": [{"x5t#S256": "short"}]}),
        ] {
            assert!(!has_certificates(&none), "{none}");
        }
    }
}
