//! Headers of attackers, with a true signature wherever they could have one.
//! Broken forms live in `forms.rs`, the rules on claims in `claim_rules.rs`.

use jose::{Algorithm, Policy, SigningKey, VerifyError, verify};
use josekit::jws::HS256;
use serde_json::{Value, json};

use crate::forge::{b64, claims, forge, header, policy, set};

fn key() -> SigningKey {
    SigningKey::generate(Algorithm::Es256).unwrap()
}

/// The verdict on a truly signed token whose header has these members changed.
fn verdict_with(key: &SigningKey, change: &Value) -> Result<(), VerifyError> {
    let mut header = header(key);
    for (name, value) in change.as_object().unwrap() {
        header[name] = value.clone();
    }
    let token = forge(key, header.to_string(), claims().to_string());
    verify(&token, &set(&[key]), &policy()).map(drop)
}

/// O21
#[test]
fn unsigned_tokens_are_refused_in_any_spelling() {
    let key = key();
    for alg in ["none", "None", "NONE", "nOnE"] {
        let header = json!({"alg": alg, "typ": "at+jwt", "kid": key.kid()}).to_string();
        for signature in ["", "AA"] {
            let token = format!("{}.{}.{signature}", b64(&header), b64(claims().to_string()));
            let verdict = verify(&token, &set(&[&key]), &policy());
            assert_eq!(verdict, Err(VerifyError::UnsupportedAlgorithm), "{alg}");
        }
    }
}

/// O21
#[test]
fn public_key_as_hmac_secret_is_refused() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        let public = Value::Object(key.public_jwk()).to_string();
        let header = json!({"alg": "HS256", "typ": "at+jwt", "kid": key.kid()}).to_string();
        let input = format!("{}.{}", b64(header), b64(claims().to_string()));
        let signer = HS256.signer_from_bytes(public).unwrap();
        let signature = josekit::jws::JwsSigner::sign(&signer, input.as_bytes()).unwrap();
        let verdict = verify(&format!("{input}.{}", b64(signature)), &set(&[&key]), &policy());
        assert_eq!(verdict, Err(VerifyError::UnsupportedAlgorithm));
    }
}

/// O21
#[test]
fn each_key_serves_its_own_algorithm_only() {
    for algorithm in Algorithm::ALL {
        let key = SigningKey::generate(algorithm).unwrap();
        for claimed in Algorithm::ALL.into_iter().filter(|claimed| *claimed != algorithm) {
            let named = verdict_with(&key, &json!({"alg": claimed}));
            assert_eq!(
                named,
                Err(VerifyError::UnsupportedAlgorithm),
                "{algorithm} as {claimed}"
            );
        }
        let others: Vec<_> = Algorithm::ALL
            .into_iter()
            .filter(|other| *other != algorithm)
            .collect();
        let token = key.sign("at+jwt", &claims()).unwrap();
        let unpinned = verify(
            &token,
            &set(&[&key]),
            &Policy {
                algorithms: &others,
                ..policy()
            },
        );
        assert_eq!(unpinned, Err(VerifyError::UnsupportedAlgorithm));
    }
}

/// O21
#[test]
fn rsa_key_without_alg_does_not_mix_signatures() {
    let rs = SigningKey::generate(Algorithm::Rs256).unwrap();
    let mut jwk = rs.public_jwk();
    jwk.remove("alg");
    let keys = jose::KeySet::from_public_jwks([jwk]).unwrap();
    let ps = SigningKey::from_private_bytes(Algorithm::Ps256, &rs.to_private_bytes()).unwrap();
    for (signer, claimed, good) in [
        (&rs, "RS256", true),
        (&ps, "PS256", true),
        (&rs, "PS256", false),
        (&ps, "RS256", false),
    ] {
        let header = json!({"alg": claimed, "typ": "at+jwt", "kid": rs.kid()}).to_string();
        let token = forge(signer, header, claims().to_string());
        assert_eq!(verify(&token, &keys, &policy()).is_ok(), good, "{claimed}");
    }
}

/// O21, O23
#[test]
fn tokens_of_another_type_are_refused() {
    let key = key();
    for good in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"] {
        assert_eq!(verdict_with(&key, &json!({"typ": good})), Ok(()), "{good}");
    }
    for bad in [
        "JWT",
        "",
        "at+jw",
        "application/",
        "application/application/at+jwt",
        "x/at+jwt",
        "äpplication/at+jwt",
    ] {
        assert_eq!(
            verdict_with(&key, &json!({"typ": bad})),
            Err(VerifyError::WrongType),
            "{bad}"
        );
    }
    assert_eq!(
        verdict_with(&key, &json!({"typ": ["at+jwt"]})),
        Err(VerifyError::Malformed)
    );
    let untyped = json!({"alg": "ES256", "kid": key.kid()}).to_string();
    let token = forge(&key, untyped, claims().to_string());
    assert_eq!(
        verify(&token, &set(&[&key]), &policy()),
        Err(VerifyError::WrongType)
    );
    assert!(
        verify(
            &token,
            &set(&[&key]),
            &Policy {
                types: &[],
                ..policy()
            }
        )
        .is_ok()
    );
}

/// O23
#[test]
fn every_type_passes_at_its_own_place_only() {
    let key = key();
    let kinds = [
        "at+jwt",
        "JWT",
        "logout+jwt",
        "token-introspection+jwt",
        "client-authentication+jwt",
    ];
    for minted in kinds {
        let token = key.sign(minted, &claims()).unwrap();
        for place in kinds {
            let accepted = verify(
                &token,
                &set(&[&key]),
                &Policy {
                    types: &[place],
                    ..policy()
                },
            );
            assert_eq!(accepted.is_ok(), minted == place, "{minted} at {place}");
        }
    }
}

/// O22
#[test]
fn hostile_key_ids_find_no_key() {
    let key = key();
    let long = "k".repeat(201);
    for kid in [
        "../../etc/passwd",
        "' OR 1=1 --",
        "https://evil.example/jwks",
        "ключ",
        &long[..200],
    ] {
        let unknown = VerifyError::UnknownKey {
            kid: Some(kid.to_owned()),
        };
        assert_eq!(verdict_with(&key, &json!({ "kid": kid })), Err(unknown), "{kid}");
    }
    for kid in [
        json!("a\0b"),
        json!(""),
        json!("\n"),
        json!(5),
        json!(null),
        json!(long),
        json!("k".repeat(10_000)),
    ] {
        assert_eq!(
            verdict_with(&key, &json!({ "kid": kid })),
            Err(VerifyError::Malformed),
            "{kid}"
        );
    }
}

/// O22
#[test]
fn keys_and_addresses_in_the_header_change_nothing() {
    let [honest, attacker] = [key(), key()];
    let gifts = json!({
        "jwk": attacker.public_jwk(),
        "jku": "https://evil.example/jwks",
        "x5u": "https://evil.example/cert",
        "x5c": ["AAAA"],
    });
    assert_eq!(verdict_with(&honest, &gifts), Ok(()));
    let mut header = header(&honest);
    for (name, value) in gifts.as_object().unwrap() {
        header[name] = value.clone();
    }
    let token = forge(&attacker, header.to_string(), claims().to_string());
    assert_eq!(
        verify(&token, &set(&[&honest]), &policy()),
        Err(VerifyError::BadSignature)
    );
}

#[test]
fn headers_that_change_the_meaning_are_refused() {
    let key = key();
    for change in [
        json!({"crit": ["exp"]}),
        json!({"crit": []}),
        json!({"b64": false}),
        json!({"b64": true}),
        json!({"zip": "DEF"}),
    ] {
        assert_eq!(
            verdict_with(&key, &change),
            Err(VerifyError::Malformed),
            "{change}"
        );
    }
    for header in [
        "{}",
        "[]",
        r#"{"alg":1}"#,
        r#"{"alg":"ES256","alg":"ES256"}"#,
        "",
        "{",
    ] {
        let token = forge(&key, header, claims().to_string());
        assert_eq!(
            verify(&token, &set(&[&key]), &policy()),
            Err(VerifyError::Malformed),
            "{header}"
        );
    }
}

#[test]
fn without_a_key_id_the_only_key_of_the_algorithm_serves() {
    let [one, two] = [key(), key()];
    let other = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let token = forge(&one, r#"{"alg":"ES256","typ":"at+jwt"}"#, claims().to_string());
    assert!(verify(&token, &set(&[&other, &one]), &policy()).is_ok());
    let ambiguous = Err(VerifyError::UnknownKey { kid: None });
    assert_eq!(verify(&token, &set(&[&one, &two]), &policy()), ambiguous);
    assert_eq!(verify(&token, &set(&[&other]), &policy()), ambiguous);
}
