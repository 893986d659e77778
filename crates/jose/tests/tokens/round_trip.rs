//! Keys made, stored, loaded; tokens signed and verified with every algorithm.
//! Attacks live in `attacks.rs`.

use crate::forge::{claims, policy, set};
use jose::{Algorithm, JoseError, KeySet, SigningKey, VerifyError, looks_like_jws, peek_claim, verify};
use serde_json::json;

#[test]
fn every_algorithm_signs_and_verifies() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        let token = key.sign("at+jwt", &claims()).unwrap();
        assert!(looks_like_jws(&token));
        assert_eq!(peek_claim(&token, "sub").as_deref(), Some("usr_1"));
        let verified = verify(&token, &set(&[&key]), &policy()).unwrap();
        assert_eq!(verified.text("sub"), Some("usr_1"));
        assert_eq!(serde_json::Value::Object(verified.into_map()), claims());
    }
}

#[test]
fn any_changed_character_is_noticed() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let keys = set(&[&key]);
    let token = key.sign("at+jwt", &claims()).unwrap();
    for index in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(verify(&changed, &keys, &policy()).is_err(), "character {index}");
    }
}

#[test]
fn a_loaded_key_is_the_same_key() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        let loaded = SigningKey::from_private_bytes(algorithm, &key.to_private_bytes()).unwrap();
        assert_eq!(loaded.public_jwk(), key.public_jwk());
        let token = loaded
            .sign("JWT", &json!({"exp": crate::forge::NOW + 1}))
            .unwrap();
        let policy = jose::Policy {
            types: &[],
            ..policy()
        };
        assert!(verify(&token, &set(&[&key]), &policy).is_ok());
    }
}

#[test]
fn private_bytes_of_another_kind_are_refused() {
    let keys = Algorithm::ALL.map(|algorithm| SigningKey::generate(algorithm).unwrap());
    let is_rsa = |algorithm| matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256);
    for key in &keys {
        for algorithm in Algorithm::ALL {
            let fits = algorithm == key.algorithm() || is_rsa(algorithm) && is_rsa(key.algorithm());
            let loaded = SigningKey::from_private_bytes(algorithm, &key.to_private_bytes());
            assert_eq!(loaded.is_ok(), fits, "{} as {algorithm}", key.algorithm());
        }
    }
    for junk in [&b""[..], b"junk", &[0x30; 9000]] {
        assert_eq!(
            SigningKey::from_private_bytes(Algorithm::Es256, junk).err(),
            Some(JoseError::InvalidKey)
        );
    }
}

#[test]
fn one_rsa_key_has_a_name_for_each_algorithm() {
    let rs = SigningKey::generate(Algorithm::Rs256).unwrap();
    let ps = SigningKey::from_private_bytes(Algorithm::Ps256, &rs.to_private_bytes()).unwrap();
    assert_eq!(rs.public_jwk().get("n"), ps.public_jwk().get("n"));
    assert_ne!(rs.kid(), ps.kid());
    let keys = set(&[&rs, &ps]);
    for key in [&rs, &ps] {
        assert!(verify(&key.sign("at+jwt", &claims()).unwrap(), &keys, &policy()).is_ok());
    }
}

#[test]
fn the_key_is_found_by_name_whatever_its_place() {
    let [first, second, third] = [0; 3].map(|_| SigningKey::generate(Algorithm::Es256).unwrap());
    let token = second.sign("at+jwt", &claims()).unwrap();
    for order in [
        [&first, &second, &third],
        [&second, &third, &first],
        [&third, &first, &second],
    ] {
        assert!(verify(&token, &set(&order), &policy()).is_ok());
    }
    let unknown = VerifyError::UnknownKey {
        kid: Some(second.kid().to_owned()),
    };
    assert_eq!(verify(&token, &set(&[&first, &third]), &policy()), Err(unknown));
    assert!(verify(&token, &KeySet::default(), &policy()).is_err());
}

#[test]
fn a_signer_takes_objects_with_integer_times_only() {
    let key = SigningKey::generate(Algorithm::EdDsa).unwrap();
    for bad in [
        json!({"exp": 1.5}),
        json!({"iat": 1.0}),
        json!({"nbf": "1"}),
        json!([1, 2, 3, 4]),
        json!("x"),
    ] {
        assert_eq!(key.sign("JWT", &bad), Err(JoseError::InvalidClaims), "{bad}");
    }
    for bad in ["", "a\"b", "a b", "ä"] {
        assert_eq!(key.sign(bad, &claims()), Err(JoseError::InvalidType));
    }
}

#[test]
fn a_key_shows_its_public_half_only() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        let public = key.public_jwk();
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(!public.contains_key(private));
        }
        assert_eq!(public["use"], "sig");
        assert_eq!(public["alg"], algorithm.as_str());
        assert_eq!(public["kid"], key.kid());
        assert_eq!(
            format!("{key:?}"),
            format!(
                "SigningKey {{ algorithm: {algorithm:?}, kid: {:?}, .. }}",
                key.kid()
            )
        );
    }
}
