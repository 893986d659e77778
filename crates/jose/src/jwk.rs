//! One public key: read from a JWK, reduced to the members we understand, its verifiers built once.
//! Ignores certificates and addresses in a JWK, and every key it cannot verify with.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::Algorithm;
use crate::compact::is_key_id;
use crate::verifier::{Numbers, Verifier};

const COORDINATE_BYTES: usize = 32;
const MIN_MODULUS_BYTES: usize = 256;
const MAX_MODULUS_BYTES: usize = 1024;
const MAX_EXPONENT_BYTES: usize = 5;

/// A public key that can verify signatures.
pub struct PublicKey {
    kid: Option<String>,
    members: Map<String, Value>,
    verifiers: Vec<(Algorithm, Verifier)>,
}

impl PublicKey {
    /// Reads a JWK; `None` when it is not a signature key of a kind we know (RFC 7517 §5: such keys are ignored).
    pub(crate) fn read(jwk: &Map<String, Value>) -> Option<Self> {
        if !is_for_signatures(jwk) {
            return None;
        }
        let kid = match jwk.get("kid") {
            None => None,
            Some(kid) => Some(kid.as_str().filter(|kid| is_key_id(kid))?.to_owned()),
        };
        let (mut members, numbers) = essentials(jwk)?;
        let mut algorithms = numbers.algorithms().to_vec();
        if let Some(alg) = jwk.get("alg") {
            // RFC 7517 §4.4: the key is pinned to this algorithm.
            let pinned: Algorithm = alg.as_str()?.parse().ok()?;
            algorithms.retain(|algorithm| *algorithm == pinned);
            members.insert("alg".to_owned(), pinned.as_str().into());
        }
        let verifiers = algorithms
            .into_iter()
            .map(|algorithm| Some((algorithm, Verifier::new(algorithm, &numbers)?)));
        let verifiers = verifiers
            .collect::<Option<Vec<_>>>()
            .filter(|verifiers| !verifiers.is_empty())?;
        if let Some(kid) = &kid {
            members.insert("kid".to_owned(), kid.as_str().into());
        }
        members.insert("use".to_owned(), "sig".into());
        Some(Self {
            kid,
            members,
            verifiers,
        })
    }

    /// The key id, when the key has one.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether the key verifies signatures of this algorithm.
    #[must_use]
    pub fn supports(&self, algorithm: Algorithm) -> bool {
        self.verifiers.iter().any(|(own, _)| *own == algorithm)
    }

    /// The JWK, reduced to the members we understand.
    #[must_use]
    pub const fn jwk(&self) -> &Map<String, Value> {
        &self.members
    }

    /// RFC 7638: what names the key whatever it is used for.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let kind = match text(&self.members, "kty") {
            Some("EC") => Algorithm::Es256,
            Some("OKP") => Algorithm::EdDsa,
            _ => Algorithm::Rs256,
        };
        thumbprint(&self.members, kind)
    }

    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let mut verifiers = self.verifiers.iter().filter(|(own, _)| *own == algorithm);
        verifiers
            .next()
            .is_some_and(|(_, verifier)| verifier.verifies(message, signature))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let algorithms = self.verifiers.iter().map(|(algorithm, _)| algorithm);
        f.debug_map()
            .entry(&self.kid, &algorithms.collect::<Vec<_>>())
            .finish()
    }
}

/// RFC 7638 thumbprint of a key read before; a PS256 key mixes its algorithm in, so that one RSA key used for PS256 and
/// RS256 gets two names.
pub(crate) fn thumbprint(members: &Map<String, Value>, algorithm: Algorithm) -> String {
    let names: &[&str] = match algorithm {
        Algorithm::Es256 => &["crv", "kty", "x", "y"],
        Algorithm::EdDsa => &["crv", "kty", "x"],
        Algorithm::Rs256 => &["e", "kty", "n"],
        Algorithm::Ps256 => &["alg", "e", "kty", "n"],
    };
    // RFC 7638 §3: the required members only, in lexicographic order, without white space.
    let essential: Map<String, Value> = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), members.get(*name)?.clone())))
        .collect();
    URL_SAFE_NO_PAD.encode(Sha256::digest(Value::Object(essential).to_string()))
}

fn is_for_signatures(jwk: &Map<String, Value>) -> bool {
    // RFC 7517 §4.2 and §4.3.
    let usage = jwk.get("use").is_none_or(|usage| usage == "sig");
    let operations = jwk.get("key_ops").is_none_or(|operations| {
        operations
            .as_array()
            .is_some_and(|list| list.iter().any(|operation| operation == "verify"))
    });
    usage && operations
}

/// The members that make the key, and the numbers they write, checked for size.
fn essentials(jwk: &Map<String, Value>) -> Option<(Map<String, Value>, Numbers)> {
    let coordinate = |name| number(jwk, name, |bytes| bytes.len() == COORDINATE_BYTES);
    let (names, numbers): (&[&str], _) = match (text(jwk, "kty")?, text(jwk, "crv")) {
        ("EC", Some("P-256")) => {
            let (x, y) = (coordinate("x")?, coordinate("y")?);
            (&["kty", "crv", "x", "y"], Numbers::Ec { x, y })
        }
        ("OKP", Some("Ed25519")) => (&["kty", "crv", "x"], Numbers::Ed { x: coordinate("x")? }),
        ("RSA", _) => {
            let (n, e) = (number(jwk, "n", is_modulus)?, number(jwk, "e", is_exponent)?);
            (&["kty", "n", "e"], Numbers::Rsa { n, e })
        }
        _ => return None,
    };
    let members = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), jwk.get(*name)?.clone())));
    Some((members.collect(), numbers))
}

fn number(jwk: &Map<String, Value>, name: &str, is_sane: impl Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text(jwk, name)?).ok()?;
    is_sane(&bytes).then_some(bytes)
}

/// RFC 7518 §3.3: at least 2048 bits; the upper limit keeps a foreign key from making us work.
fn is_modulus(bytes: &[u8]) -> bool {
    let long_enough = bytes.len() > MIN_MODULUS_BYTES || bytes.first().is_some_and(|first| *first >= 0x80);
    let no_zero_ahead = bytes.first().is_some_and(|first| *first != 0);
    (MIN_MODULUS_BYTES..=MAX_MODULUS_BYTES).contains(&bytes.len()) && long_enough && no_zero_ahead
}

fn is_exponent(bytes: &[u8]) -> bool {
    let odd = bytes.last().is_some_and(|last| last % 2 == 1);
    bytes.len() <= MAX_EXPONENT_BYTES && odd && bytes != [1] && bytes.first() != Some(&0)
}

fn text<'a>(jwk: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    jwk.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn thumbprint_matches_the_published_example() {
        // RFC 8037, appendix A.3.
        let jwk = json!({"x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "crv": "Ed25519", "kty": "OKP"});
        let expected = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
        assert_eq!(thumbprint(jwk.as_object().unwrap(), Algorithm::EdDsa), expected);
    }

    #[test]
    fn thumbprint_matches_the_example_of_its_rfc() {
        // RFC 7638 §3.1.
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let jwk = json!({"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"});
        let key = PublicKey::read(jwk.as_object().unwrap()).unwrap();
        assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn weak_or_oversized_rsa_numbers_are_refused() {
        assert!(is_modulus(&[0x80; 256]) && is_modulus(&[1; 257]) && is_modulus(&[0xff; 1024]));
        assert!(!is_modulus(&[]) && !is_modulus(&[0x7f; 256]) && !is_modulus(&[0xff; 255]));
        assert!(!is_modulus(&[0xff; 1025]) && !is_modulus(&[[0; 1].as_slice(), &[0xff; 256]].concat()));
        assert!(is_exponent(&[3]) && is_exponent(&[1, 0, 1]));
        assert!(!is_exponent(&[]) && !is_exponent(&[1]) && !is_exponent(&[2]) && !is_exponent(&[0, 3]));
        assert!(!is_exponent(&[1; 6]));
    }
}
