use super::*;
use proptest::prelude::*;
use serde_json::json;

const NOW: i64 = 1_800_000_000;

fn claims(change: impl FnOnce(&mut Map<String, Value>)) -> Map<String, Value> {
    let claims = json!({"jti": "a", "htm": "POST", "htu": "https://api.test/x", "iat": NOW,
        "ath": access_token_hash("token")});
    let mut claims = claims.as_object().unwrap().clone();
    change(&mut claims);
    claims
}

fn verdict(claims: &Map<String, Value>) -> Result<(), ProofError> {
    let target = Target::parse("https://api.test/x").unwrap();
    let expected = Expected {
        method: "POST",
        target: &target,
        access_token: Some("token"),
        now: NOW,
    };
    Proof::read(claims)?.judge(&expected)
}

fn with(name: &str, value: Value) -> Result<(), ProofError> {
    verdict(&claims(|claims| {
        claims.insert(name.to_owned(), value);
    }))
}

#[test]
fn the_example_of_the_rfc_is_read() {
    // RFC 9449 §7.1: the hash of the access token of the example.
    let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    assert_eq!(
        access_token_hash(token),
        "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
    );
}

/// O25
#[test]
fn a_proof_for_another_request_is_refused() {
    assert_eq!(verdict(&claims(|_| ())), Ok(()));
    assert_eq!(with("htm", json!("GET")), Err(ProofError::WrongMethod));
    assert_eq!(with("htm", json!("post")), Err(ProofError::WrongMethod));
    for url in [
        "https://api.test/y",
        "http://api.test/x",
        "https://api.test:8443/x",
        "/x",
    ] {
        assert_eq!(with("htu", json!(url)), Err(ProofError::WrongUrl), "{url}");
    }
    assert_eq!(with("htu", json!("HTTPS://API.test:443/x?a#b")), Ok(()));
    for hash in [json!(""), json!(access_token_hash("other"))] {
        assert_eq!(with("ath", hash), Err(ProofError::WrongToken));
    }
    let without = claims(|claims| {
        claims.remove("ath");
    });
    assert_eq!(verdict(&without), Err(ProofError::WrongToken));
}

/// O25
#[test]
fn a_proof_is_good_for_a_minute_and_ten_seconds_ahead() {
    for (iat, expected) in [
        (NOW - MAX_AGE, Ok(())),
        (NOW - MAX_AGE - 1, Err(ProofError::TooOld)),
        (NOW + MAX_AHEAD, Ok(())),
        (NOW + MAX_AHEAD + 1, Err(ProofError::TooNew)),
        (i64::MAX, Err(ProofError::TooNew)),
        (i64::MIN, Err(ProofError::TooOld)),
    ] {
        assert_eq!(with("iat", json!(iat)), expected, "{iat}");
    }
}

/// O20
#[test]
fn times_out_of_range_and_other_types_are_malformed() {
    for iat in [
        json!(1e19),
        json!(u64::MAX),
        json!(1e300),
        json!("1"),
        json!(null),
        json!(true),
    ] {
        assert_eq!(with("iat", iat.clone()), Err(ProofError::Malformed), "{iat}");
    }
    for name in ["jti", "htm", "htu", "nonce", "ath"] {
        assert_eq!(with(name, json!(1)), Err(ProofError::Malformed), "{name}");
    }
}

#[test]
fn an_identifier_has_one_to_255_bytes() {
    assert_eq!(with("jti", json!("a".repeat(MAX_JTI))), Ok(()));
    for jti in [String::new(), "a".repeat(MAX_JTI + 1)] {
        assert_eq!(with("jti", json!(jti)), Err(ProofError::Malformed));
    }
    assert_eq!(
        with("nonce", json!("a".repeat(MAX_JTI + 1))),
        Err(ProofError::Malformed)
    );
}

proptest! {
    #[test]
    fn any_claims_are_judged_without_panic(
        names in proptest::collection::vec("jti|htm|htu|iat|ath|nonce", 0..6),
        text in "\\PC{0,80}",
        number in any::<f64>(),
        whole in any::<i64>(),
    ) {
        for value in [json!(text), json!(number), json!(whole), json!([text]), json!({})] {
            let claims = claims(|claims| for name in &names { claims.insert(name.clone(), value.clone()); });
            let _ = verdict(&claims);
        }
    }
}
