//! Nothing from outside makes the crate panic, and nothing unsigned is accepted.
//! Fixed attacks live beside this file.

use std::sync::LazyLock;

use jose::{
    Algorithm, KeySet, Policy, SigningKey, VerifyError, half_hash, looks_like_jws, peek_claim, verify,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::forge::{NOW, b64, claims, forge, header, policy, set};

static KEYS: LazyLock<Vec<SigningKey>> = LazyLock::new(|| {
    Algorithm::ALL
        .iter()
        .map(|algorithm| SigningKey::generate(*algorithm).unwrap())
        .collect()
});
static SET: LazyLock<KeySet> = LazyLock::new(|| set(&KEYS.iter().collect::<Vec<_>>()));

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (NOW - 400..NOW + 400).prop_map(Value::from),
        (NOW - 400..NOW + 400).prop_map(|date| Value::from(date as f64)),
    ]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number(),
        ".{0,12}".prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map("[a-z]{1,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    /// O20
    #[test]
    fn signed_tokens_with_any_times_are_judged_without_panic(exp in number(), iat in number(), nbf in number(), now in any::<i64>()) {
        let key = &KEYS[0];
        let payload = json!({"exp": exp, "iat": iat, "nbf": nbf});
        let token = forge(key, header(key).to_string(), payload.to_string());
        let policy = Policy { max_lifetime: Some(600), ..policy() };
        if let Ok(claims) = verify(&token, &SET, &policy) {
            prop_assert!(claims.int("exp").is_some_and(|exp| exp > NOW - 5 && exp <= NOW + 605));
            prop_assert!(claims.int("iat").is_some_and(|iat| iat <= NOW + 5));
            prop_assert!(claims.int("nbf").is_some_and(|nbf| nbf <= NOW + 5));
        }
        let _ = verify(&token, &SET, &Policy { now, ..policy });
    }

    #[test]
    fn signed_tokens_with_any_claims_are_judged_without_panic(
        names in proptest::collection::vec("exp|iat|nbf|aud|iss|sub|jti|typ|[a-z]{1,5}", 0..6), values in proptest::collection::vec(json(), 6)
    ) {
        let payload = names.into_iter().zip(values).collect::<Map<_, _>>();
        let token = forge(&KEYS[0], header(&KEYS[0]).to_string(), Value::Object(payload).to_string());
        if let Ok(claims) = verify(&token, &SET, &policy()) {
            let _ = (claims.audience(), claims.text("sub"), claims.int("exp"));
        }
    }

    #[test]
    fn signed_tokens_with_any_header_are_judged_without_panic(
        names in proptest::collection::vec("alg|typ|kid|crit|b64|jwk|jku", 0..5), values in proptest::collection::vec(json(), 5)
    ) {
        let mut header = header(&KEYS[0]);
        for (name, value) in names.into_iter().zip(values) {
            header[name] = value;
        }
        let _ = verify(&forge(&KEYS[0], header.to_string(), claims().to_string()), &SET, &policy());
    }

    #[test]
    fn no_made_up_signature_is_accepted(which in 0..4_usize, signature in prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..300),
        proptest::collection::vec(any::<u8>(), 64),
        proptest::collection::vec(prop_oneof![Just(0_u8), Just(0xff)], 64),
        Just(vec![0; 64]),
        Just(vec![0; 256]),
    ]) {
        let key = &KEYS[which];
        let token = format!("{}.{}.{}", b64(header(key).to_string()), b64(claims().to_string()), b64(signature));
        prop_assert_eq!(verify(&token, &SET, &policy()), Err(VerifyError::BadSignature));
    }

    #[test]
    fn arbitrary_bytes_are_refused_without_panic(
        text in "\\PC{0,80}", header in proptest::collection::vec(any::<u8>(), 0..80), payload in proptest::collection::vec(any::<u8>(), 0..80)
    ) {
        prop_assert!(verify(&text, &SET, &policy()).is_err());
        let token = forge(&KEYS[0], &header, &payload);
        prop_assert!(verify(&token, &SET, &policy()).is_err());
        let _ = (looks_like_jws(&text), peek_claim(&token, "iss"), half_hash(Algorithm::EdDsa, &text));
        prop_assert!(KeySet::parse(&payload).is_err());
    }

    #[test]
    fn any_key_set_is_read_without_panic(
        kty in "EC|RSA|OKP|oct", crv in "P-256|Ed25519|P-384", numbers in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 4),
        x in proptest::collection::vec(any::<u8>(), 32), y in proptest::collection::vec(any::<u8>(), 32), n in proptest::collection::vec(any::<u8>(), 256..260)
    ) {
        let wild = json!({"kty": kty, "crv": crv, "x": b64(&numbers[0]), "y": b64(&numbers[1]), "n": b64(&numbers[2]), "e": b64(&numbers[3])});
        let sized = json!({"kty": kty, "crv": crv, "x": b64(x), "y": b64(y), "n": b64(n), "e": "AQAB"});
        let keys = KeySet::parse(json!({"keys": [wild, sized]}).to_string().as_bytes()).unwrap();
        for algorithm in Algorithm::ALL {
            let token = forge(&KEYS[0], json!({"alg": algorithm, "typ": "at+jwt"}).to_string(), claims().to_string());
            prop_assert!(verify(&token, &keys, &policy()).is_err());
        }
    }

    /// The DER reader of the library asks for terabytes, and so aborts, on some damaged keys.
    #[test]
    fn damaged_private_bytes_are_refused(junk in proptest::collection::vec(any::<u8>(), 0..200), at in any::<usize>(), bit in 0..8_u8) {
        for key in KEYS.iter() {
            let mut damaged = key.to_private_bytes().to_vec();
            let at = at % damaged.len();
            damaged[at] ^= 1 << bit;
            prop_assert!(SigningKey::from_private_bytes(key.algorithm(), &damaged).is_err());
            prop_assert!(SigningKey::from_private_bytes(key.algorithm(), &damaged[..at]).is_err());
            prop_assert!(SigningKey::from_private_bytes(key.algorithm(), &junk).is_err());
        }
    }
}
