//! Keys made, stored, loaded; tokens signed and verified with every algorithm.
//! Attacks live in `attacks.rs`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::forge::{NOW, claims, policy, set};
use jose::{
    Algorithm, JoseError, KeySet, Policy, SigningKey, VerifyError, looks_like_jws, peek_claim, verify,
};
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::{EcCurve, EcKeyPair};
use josekit::jwk::alg::rsa::RsaKeyPair;
use josekit::jws::{ES256, EdDSA, JwsVerifier, PS256, RS256};
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
fn another_library_verifies_what_is_signed_here() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        let jwk = Jwk::from_map(key.public_jwk()).unwrap();
        let verifier: Box<dyn JwsVerifier> = match algorithm {
            Algorithm::Es256 => Box::new(ES256.verifier_from_jwk(&jwk).unwrap()),
            Algorithm::Rs256 => Box::new(RS256.verifier_from_jwk(&jwk).unwrap()),
            Algorithm::Ps256 => Box::new(PS256.verifier_from_jwk(&jwk).unwrap()),
            Algorithm::EdDsa => Box::new(EdDSA.verifier_from_jwk(&jwk).unwrap()),
        };
        let token = key.sign("at+jwt", &claims()).unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        assert!(
            verifier.verify(input.as_bytes(), &signature).is_ok(),
            "{algorithm}"
        );
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
        let token = loaded.sign("JWT", &json!({"exp": NOW + 1})).unwrap();
        let policy = Policy {
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

/// One in 128 signatures has a number that is shorter than its half.
#[test]
fn signatures_keep_their_length() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let keys = set(&[&key]);
    for number in 0..400 {
        let token = key.sign("at+jwt", &json!({"exp": NOW + 1, "n": number})).unwrap();
        assert_eq!(token.rsplit('.').next().unwrap().len(), 86);
        assert_eq!(verify(&token, &keys, &policy()).unwrap().int("n"), Some(number));
    }
}

#[test]
fn the_published_signatures_verify() {
    // RFC 7515, appendices A.2 and A.3.
    let keys = json!({"keys": [
        {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
         "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
        {"kty": "RSA", "e": "AQAB", "n": concat!(
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ",
            "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2",
            "R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD",
            "TW9gb54h4FRWyuXpoQ")}
    ]});
    let keys = KeySet::parse(keys.to_string().as_bytes()).unwrap();
    let payload =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let es = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    let rs = concat!(
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU",
        "Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d",
        "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig",
        "cN_IoypGlUPQGe77Rw"
    );
    let policy = Policy {
        types: &[],
        now: 1_300_819_379,
        ..policy()
    };
    for (header, signature) in [("eyJhbGciOiJFUzI1NiJ9", es), ("eyJhbGciOiJSUzI1NiJ9", rs)] {
        let claims = verify(&format!("{header}.{payload}.{signature}"), &keys, &policy).unwrap();
        assert_eq!(claims.text("iss"), Some("joe"));
    }
}

/// A GitHub App's key comes as PKCS#1, most others as PKCS#8.
#[test]
fn an_rsa_key_of_the_operator_is_read_from_pem() {
    let pair = RsaKeyPair::generate(2048).unwrap();
    for pem in [pair.to_traditional_pem_private_key(), pair.to_pem_private_key()] {
        let pem = String::from_utf8(pem).unwrap();
        let key = SigningKey::from_rsa_pem(Algorithm::Rs256, &pem).unwrap();
        let keys = KeySet::from_public_jwks([key.public_jwk()]).unwrap();
        assert!(keys.find(Some(key.kid()), Algorithm::Rs256).is_some());
        assert!(SigningKey::from_rsa_pem(Algorithm::Es256, &pem).is_err());
        assert!(SigningKey::from_rsa_pem(Algorithm::Rs256, &pem[..pem.len() / 2]).is_err());
    }
    let weak = RsaKeyPair::generate(1024).unwrap().to_pem_private_key();
    let public = pair.to_pem_public_key();
    let curve = EcKeyPair::generate(EcCurve::P256).unwrap().to_pem_private_key();
    for pem in [weak, public, curve, Vec::new(), b"nonsense".to_vec()] {
        let pem = String::from_utf8(pem).unwrap();
        assert!(SigningKey::from_rsa_pem(Algorithm::Rs256, &pem).is_err(), "{pem}");
    }
}
