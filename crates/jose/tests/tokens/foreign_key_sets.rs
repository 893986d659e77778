//! Key sets as others publish them, careless or hostile.
//! Our own sets are covered by the round trips.

use jose::{Algorithm, KeySet, KeySetError, MAX_KEYS, SigningKey};
use josekit::jwk::{Jwk, alg::ec::EcCurve};
use serde_json::{Value, json};

use crate::forge::set;

fn public(algorithm: Algorithm) -> Value {
    Value::Object(SigningKey::generate(algorithm).unwrap().public_jwk())
}

fn changed(jwk: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut jwk = jwk.clone();
    jwk[name] = value.into();
    jwk
}

fn parse(keys: &[Value]) -> Result<KeySet, KeySetError> {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes())
}

/// O37
#[test]
fn a_published_set_is_read_back_and_shows_nothing_private() {
    let keys = Algorithm::ALL.map(|algorithm| SigningKey::generate(algorithm).unwrap());
    let published = set(&keys.each_ref());
    let read = KeySet::parse(published.to_json().to_string().as_bytes()).unwrap();
    assert_eq!(read.to_json(), published.to_json());
    assert!(read.kids().eq(keys.iter().map(SigningKey::kid)));
    for key in read.to_json()["keys"].as_array().unwrap() {
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(key.get(private).is_none());
        }
    }
}

#[test]
fn keys_of_no_use_are_left_out() {
    let good = public(Algorithm::Es256);
    let rsa = public(Algorithm::Rs256);
    let p384 = Jwk::generate_ec_key(EcCurve::P384)
        .and_then(|jwk| jwk.to_public_key())
        .unwrap();
    let useless = [
        json!({}),
        json!({"kty": "oct", "k": "AAAA", "kid": "sym", "alg": "HS256"}),
        json!({"kty": "new", "kid": "x"}),
        serde_json::to_value(p384.as_ref()).unwrap(),
        changed(&good, "use", "enc"),
        changed(&good, "use", json!(null)),
        changed(&good, "key_ops", json!(["encrypt"])),
        changed(&good, "key_ops", "verify"),
        changed(&good, "alg", "RS256"),
        changed(&good, "alg", "none"),
        changed(&good, "alg", 5),
        changed(&good, "kid", 5),
        changed(&good, "kid", ""),
        changed(&good, "kid", "k".repeat(201)),
        changed(&good, "x", ""),
        changed(&good, "x", "AAAA"),
        changed(&good, "x", good["y"].clone()),
        changed(&good, "y", json!(null)),
        changed(&rsa, "n", ""),
        changed(&rsa, "n", "AQAB"),
        changed(&rsa, "e", ""),
        changed(&rsa, "e", "AQ"),
        changed(&rsa, "alg", "RSA-OAEP"),
    ];
    for key in &useless {
        assert!(parse(std::slice::from_ref(key)).unwrap().is_empty(), "{key}");
    }
    let mixed = parse(&[&useless[..], std::slice::from_ref(&good)].concat()).unwrap();
    assert!(mixed.kids().eq(good["kid"].as_str()));
}

#[test]
fn optional_members_may_be_missing_and_foreign_ones_are_dropped() {
    let mut rsa = public(Algorithm::Rs256);
    for name in ["alg", "use", "kid"] {
        rsa.as_object_mut().unwrap().remove(name);
    }
    rsa["x5c"] = json!(["AAAA"]);
    rsa["key_ops"] = json!(["verify"]);
    let keys = parse(&[rsa]).unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys.kids().count(), 0);
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
        assert!(keys.find(None, algorithm).is_some());
        assert!(keys.find(Some("any"), algorithm).is_none());
    }
    assert!(keys.find(None, Algorithm::Es256).is_none());
    assert!(keys.to_json()["keys"][0].get("x5c").is_none());
}

#[test]
fn leaked_private_keys_are_refused() {
    let good = public(Algorithm::Es256);
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
        let leaked = parse(&[good.clone(), changed(&good, name, "AAAA")]);
        assert_eq!(leaked.err(), Some(KeySetError::PrivateMember), "{name}");
    }
}

#[test]
fn two_keys_of_one_name_are_refused() {
    let [one, two] = [public(Algorithm::Es256), public(Algorithm::EdDsa)];
    let twin = changed(&two, "kid", one["kid"].clone());
    assert_eq!(parse(&[one.clone(), twin]).err(), Some(KeySetError::DuplicateKid));
    assert_eq!(
        parse(&[one.clone(), one.clone()]).err(),
        Some(KeySetError::DuplicateKid)
    );
    assert_eq!(
        parse(&[one.clone(), changed(&one, "use", "enc")]).unwrap().len(),
        1
    );
}

#[test]
fn sets_beyond_the_limits_are_refused() {
    let padded = |bytes: usize| {
        KeySet::parse(
            json!({"keys": [], "pad": "x".repeat(bytes)})
                .to_string()
                .as_bytes(),
        )
    };
    assert!(padded(65_000).is_ok());
    assert_eq!(padded(65_536).err(), Some(KeySetError::TooLarge));
    assert_eq!(padded(6_553_600).err(), Some(KeySetError::TooLarge));
    assert!(parse(&vec![json!({}); MAX_KEYS]).is_ok());
    assert_eq!(
        parse(&vec![json!({}); MAX_KEYS + 1]).err(),
        Some(KeySetError::TooManyKeys)
    );
    for text in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[1]}"#,
        r#"{"keys":[],"keys":[]}"#,
        r#"{"keys":[{"kid":"a","kid":"b"}]}"#,
    ] {
        assert_eq!(
            KeySet::parse(text.as_bytes()).err(),
            Some(KeySetError::Malformed),
            "{text}"
        );
    }
}
