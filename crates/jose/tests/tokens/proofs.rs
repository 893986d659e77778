//! Proofs of possession, made well and badly: they bring their own key, so anybody can make them.
//! What a proof is good for is judged elsewhere.

use std::sync::LazyLock;

use jose::{Algorithm, MAX_PROOF_BYTES, SigningKey, VerifyError, verify_self_signed};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::forge::{b64, forge};

const TYPE: &str = "dpop+jwt";

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate(Algorithm::Es256).unwrap());

fn verdict(token: &str) -> Result<(), VerifyError> {
    verify_self_signed(token, TYPE, &Algorithm::ALL).map(drop)
}

fn header(change: impl FnOnce(&mut Value)) -> String {
    let mut header = json!({"alg": "ES256", "typ": TYPE, "jwk": KEY.public_jwk()});
    change(&mut header);
    header.to_string()
}

fn with_header(change: impl FnOnce(&mut Value)) -> Result<(), VerifyError> {
    verdict(&forge(&KEY, header(change), r#"{"jti":"a"}"#))
}

#[test]
fn the_example_of_the_rfc_is_a_proof_of_its_key() {
    // RFC 9449 §4.1 and §6.1.
    let proof = concat!(
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0Vj",
        "NoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5",
        "VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TV",
        "CIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8",
        "lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
    );
    let proven = verify_self_signed(proof, TYPE, &Algorithm::ALL).unwrap();
    assert_eq!(proven.thumbprint, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    assert_eq!(proven.claims.text("jti"), Some("-BwC3ESc6acc2lTc"));
}

#[test]
fn every_algorithm_proves_and_names_its_key() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        let proof = key.prove(TYPE, &json!({"jti": "a"})).unwrap();
        let proven = verify_self_signed(&proof, TYPE, &[algorithm]).unwrap();
        // A PS256 key has its algorithm in its id, which RFC 7638 has not in a thumbprint.
        assert_eq!(proven.thumbprint == key.kid(), algorithm != Algorithm::Ps256);
    }
}

/// O25
#[test]
fn a_proof_of_the_wrong_kind_is_refused() {
    assert_eq!(with_header(|_| ()), Ok(()));
    for typ in [json!("JWT"), json!("at+jwt"), Value::Null] {
        assert!(with_header(|header| header["typ"] = typ).is_err());
    }
    for name in ["none", "HS256", "PS256", "EdDSA"] {
        assert_eq!(
            with_header(|header| header["alg"] = name.into()),
            Err(VerifyError::UnsupportedAlgorithm),
            "{name}"
        );
    }
    let accepted = verify_self_signed(&forge(&KEY, header(|_| ()), "{}"), TYPE, &[Algorithm::EdDsa]);
    assert_eq!(accepted.err(), Some(VerifyError::UnsupportedAlgorithm));
}

#[test]
fn a_proof_with_a_private_foreign_or_missing_key_is_refused() {
    let malformed = Err(VerifyError::Malformed);
    for private in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
        assert_eq!(
            with_header(|header| header["jwk"][private] = "AA".into()),
            malformed
        );
    }
    for jwk in [
        Value::Null,
        json!("key"),
        json!({}),
        json!({"kty": "oct", "k": "AAAA"}),
        json!({"kty": "EC", "crv": "P-256", "x": b64([0xff; 32]), "y": b64([0xff; 32])}),
        json!({"kty": "EC", "crv": "P-256", "x": b64([0; 32]), "y": b64([0; 32])}),
    ] {
        assert_eq!(
            with_header(|header| header["jwk"] = jwk.clone()),
            malformed,
            "{jwk}"
        );
    }
    let other = SigningKey::generate(Algorithm::Es256).unwrap().public_jwk();
    assert_eq!(
        with_header(|header| header["jwk"] = other.into()),
        Err(VerifyError::BadSignature)
    );
}

/// O20: josekit's own validator would panic on these.
#[test]
fn times_out_of_range_are_refused_without_panic() {
    for name in ["exp", "nbf", "iat"] {
        for value in ["1e19", "18446744073709551615", "1e300", "\"1\"", "-1", "null"] {
            let payload = format!(r#"{{"jti":"a","{name}":{value}}}"#);
            assert_eq!(
                verdict(&forge(&KEY, header(|_| ()), payload)),
                Err(VerifyError::InvalidClaim { name })
            );
        }
    }
}

#[test]
fn a_proof_that_is_too_long_is_not_looked_at() {
    let payload = json!({"jti": "a".repeat(MAX_PROOF_BYTES)}).to_string();
    assert_eq!(
        verdict(&forge(&KEY, header(|_| ()), payload)),
        Err(VerifyError::Malformed)
    );
}

proptest! {
    #[test]
    fn any_key_of_a_stranger_is_judged_without_panic(
        kty in "EC|OKP|RSA|oct", crv in "P-256|Ed25519|X25519",
        x in proptest::collection::vec(any::<u8>(), 32), n in proptest::collection::vec(any::<u8>(), 250..260),
        alg in "ES256|EdDSA|RS256|PS256", signature in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let jwk = json!({"kty": kty, "crv": crv, "x": b64(&x), "y": b64(&x), "n": b64(n), "e": "AQAB"});
        let header = json!({"alg": alg, "typ": TYPE, "jwk": jwk}).to_string();
        let token = format!("{}.{}.{}", b64(header), b64("{}"), b64(signature));
        prop_assert!(verdict(&token).is_err());
    }

    #[test]
    fn any_text_is_judged_without_panic(text in "\\PC{0,200}") {
        prop_assert!(verdict(&text).is_err());
    }
}
