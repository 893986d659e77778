//! Tokens that our own signer would not make: any header and any payload, with a true or a false signature.
//! Knows the clear text of test keys only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jose::{Algorithm, KeySet, Policy, SigningKey};
use josekit::jws::{ES256, EdDSA, JwsSigner, PS256, RS256};
use serde_json::{Value, json};

pub const NOW: i64 = 1_795_221_529;

pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Joins the parts and signs them with the private key itself, whatever they say.
pub fn forge(key: &SigningKey, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    let stored = key.to_private_bytes();
    let der = &stored[..stored.len() - 32];
    let signer: Box<dyn JwsSigner> = match key.algorithm() {
        Algorithm::Es256 => Box::new(ES256.signer_from_der(der).unwrap()),
        Algorithm::Rs256 => Box::new(RS256.signer_from_der(der).unwrap()),
        Algorithm::Ps256 => Box::new(PS256.signer_from_der(der).unwrap()),
        Algorithm::EdDsa => Box::new(EdDSA.signer_from_der(der).unwrap()),
    };
    let input = format!("{}.{}", b64(header), b64(payload));
    format!("{input}.{}", b64(signer.sign(input.as_bytes()).unwrap()))
}

/// The header our signer would write, as a value to be changed.
pub fn header(key: &SigningKey) -> Value {
    json!({"alg": key.algorithm(), "typ": "at+jwt", "kid": key.kid()})
}

pub fn claims() -> Value {
    json!({"iss": "https://issuer.example", "sub": "usr_1", "aud": "api", "iat": NOW, "exp": NOW + 300})
}

pub fn set(keys: &[&SigningKey]) -> KeySet {
    KeySet::from_public_jwks(keys.iter().map(|key| key.public_jwk())).unwrap()
}

pub fn policy() -> Policy<'static> {
    Policy {
        types: &["at+jwt"],
        algorithms: &Algorithm::ALL,
        leeway: 5,
        ..Policy::at(NOW)
    }
}
