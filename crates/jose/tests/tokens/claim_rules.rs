//! What a truly signed token may say: times, issuer, audience, types.
//! Forged headers live in `forged_headers.rs`.

use std::sync::LazyLock;

use jose::{Algorithm, AudienceRule, Policy, SigningKey, VerifyError, verify};
use serde_json::{Value, json};

use crate::forge::{NOW, claims, forge, header, policy, set};

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate(Algorithm::Es256).unwrap());

fn verdict(payload: &Value, policy: &Policy<'_>) -> Result<(), VerifyError> {
    raw_verdict(&payload.to_string(), policy)
}

fn raw_verdict(payload: &str, policy: &Policy<'_>) -> Result<(), VerifyError> {
    let token = forge(&KEY, header(&KEY).to_string(), payload);
    verify(&token, &set(&[&KEY]), policy).map(drop)
}

fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims();
    claims[name] = value.into();
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn invalid(name: &'static str) -> Result<(), VerifyError> {
    Err(VerifyError::InvalidClaim { name })
}

/// O20
#[test]
fn huge_broken_or_negative_times_are_refused_without_panic() {
    for name in ["exp", "nbf", "iat", "auth_time"] {
        for text in [
            "1e19",
            "18446744073709551615",
            "1e300",
            "-1",
            "-1e300",
            "0.5",
            "\"1\"",
            "null",
            "{}",
            "253402300800",
        ] {
            let payload = without(name)
                .to_string()
                .replacen('{', &format!(r#"{{"{name}":{text},"#), 1);
            assert_eq!(raw_verdict(&payload, &policy()), invalid(name), "{name} {text}");
        }
        let payload = without(name)
            .to_string()
            .replacen('{', &format!(r#"{{"{name}":1e999,"#), 1);
        assert_eq!(raw_verdict(&payload, &policy()), Err(VerifyError::Malformed));
    }
}

#[test]
fn repeated_claims_are_refused() {
    let payload = claims().to_string().replacen('{', r#"{"sub":"usr_2","#, 1);
    assert_eq!(raw_verdict(&payload, &policy()), Err(VerifyError::Malformed));
}

#[test]
fn expiry_is_exact_and_leeway_is_added_once() {
    assert_eq!(verdict(&with("exp", NOW - 4), &policy()), Ok(()));
    assert_eq!(
        verdict(&with("exp", NOW - 5), &policy()),
        Err(VerifyError::Expired)
    );
    assert_eq!(verdict(&with("exp", (NOW + 1) as f64), &policy()), Ok(()));
    let exact = Policy {
        leeway: 0,
        ..policy()
    };
    assert_eq!(verdict(&with("exp", NOW + 1), &exact), Ok(()));
    assert_eq!(verdict(&with("exp", NOW), &exact), Err(VerifyError::Expired));
    assert_eq!(
        verdict(
            &with("exp", 0),
            &Policy {
                ignore_expiry: true,
                ..exact
            }
        ),
        Ok(())
    );
}

#[test]
fn tokens_from_the_future_are_refused() {
    for name in ["nbf", "iat"] {
        assert_eq!(verdict(&with(name, NOW + 5), &policy()), Ok(()), "{name}");
        assert_eq!(
            verdict(&with(name, NOW + 6), &policy()),
            Err(VerifyError::NotYetValid),
            "{name}"
        );
    }
}

/// The claim validator of the library passes these.
#[test]
fn missing_expiry_and_audience_are_noticed() {
    assert_eq!(verdict(&without("exp"), &policy()), invalid("exp"));
    assert_eq!(
        verdict(
            &without("exp"),
            &Policy {
                require_exp: false,
                ..policy()
            }
        ),
        Ok(())
    );
    let rules = [
        AudienceRule::Contains("api"),
        AudienceRule::SingleString("api"),
        AudienceRule::AnyOf(&["api"]),
    ];
    for rule in rules {
        let policy = Policy {
            audience: Some(rule),
            ..policy()
        };
        assert_eq!(verdict(&claims(), &policy), Ok(()));
        for missing in [without("aud"), with("aud", json!([])), with("aud", "other")] {
            assert_eq!(verdict(&missing, &policy), Err(VerifyError::WrongAudience));
        }
        assert_eq!(verdict(&with("aud", 5), &policy), invalid("aud"));
    }
}

#[test]
fn audience_rules_differ_on_lists() {
    let list = with("aud", json!(["other", "api"]));
    let judge = |claims: &Value, rule| {
        verdict(
            claims,
            &Policy {
                audience: Some(rule),
                ..policy()
            },
        )
        .is_ok()
    };
    assert!(judge(&list, AudienceRule::Contains("api")));
    assert!(judge(&list, AudienceRule::AnyOf(&["x", "api"])));
    assert!(!judge(&list, AudienceRule::AnyOf(&["x"])));
    assert!(!judge(&list, AudienceRule::AnyOf(&[])));
    assert!(!judge(&list, AudienceRule::SingleString("api")));
    assert!(!judge(
        &with("aud", json!(["api"])),
        AudienceRule::SingleString("api")
    ));
}

#[test]
fn the_issuer_is_compared_byte_by_byte() {
    let policy = Policy {
        issuer: Some("https://issuer.example"),
        ..policy()
    };
    assert_eq!(verdict(&claims(), &policy), Ok(()));
    for other in ["https://issuer.example/", "https://ISSUER.example", ""] {
        assert_eq!(
            verdict(&with("iss", other), &policy),
            Err(VerifyError::WrongIssuer),
            "{other}"
        );
    }
    assert_eq!(verdict(&without("iss"), &policy), Err(VerifyError::WrongIssuer));
    assert_eq!(
        verdict(&with("iss", json!(["https://issuer.example"])), &policy),
        invalid("iss")
    );
}

#[test]
fn long_lives_are_refused_from_issue_and_from_now() {
    let policy = Policy {
        max_lifetime: Some(300),
        require_exp: false,
        ..policy()
    };
    assert_eq!(verdict(&claims(), &policy), Ok(()));
    assert_eq!(verdict(&with("exp", NOW + 301), &policy), invalid("exp"));
    assert_eq!(verdict(&with("iat", NOW - 1), &policy), invalid("exp"));
    assert_eq!(verdict(&without("exp"), &policy), invalid("exp"));
    let mut undated = without("iat");
    assert_eq!(verdict(&undated, &policy), Ok(()));
    undated["exp"] = (NOW + 306).into();
    assert_eq!(verdict(&undated, &policy), invalid("exp"));
}

#[test]
fn meaning_is_judged_only_under_a_true_signature() {
    let stranger = SigningKey::generate(Algorithm::Es256).unwrap();
    let token = forge(&stranger, header(&KEY).to_string(), with("exp", 0).to_string());
    assert_eq!(
        verify(&token, &set(&[&KEY]), &policy()),
        Err(VerifyError::BadSignature)
    );
    assert_eq!(
        verify(&token, &set(&[&stranger]), &policy()).map(drop),
        Err(VerifyError::UnknownKey {
            kid: Some(KEY.kid().to_owned()),
        })
    );
}

#[test]
fn extreme_clocks_and_leeways_do_not_overflow() {
    for now in [i64::MIN, -1, 0, i64::MAX] {
        for leeway in [i64::MIN, 0, i64::MAX] {
            for max_lifetime in [None, Some(i64::MIN), Some(i64::MAX)] {
                let _ = verdict(
                    &claims(),
                    &Policy {
                        now,
                        leeway,
                        max_lifetime,
                        ..policy()
                    },
                );
            }
        }
    }
}
