//! From a provider's claims to an identity, by the configured names.
//! Reads plain texts only, none longer than a claim has reason to be.

use domain::federation::{Identity, UpstreamEmail};
use serde_json::{Map, Value};

use crate::config::ClaimsConfig;

const LONGEST: usize = 2048;

/// `subject` comes from the verified ID token, never from a mapped claim.
pub(super) fn identity(
    subject: &str,
    claims: &Map<String, Value>,
    (names, trust_email): (&ClaimsConfig, bool),
) -> Identity {
    let text = |name: &str| {
        let value = claims.get(name)?.as_str()?;
        Some(value.to_owned()).filter(|value| !value.is_empty() && value.len() <= LONGEST)
    };
    // Some providers write the flag as a text.
    let says_verified = match claims.get(&names.email_verified) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(flag)) => flag == "true",
        _ => false,
    };
    Identity {
        subject: subject.to_owned(),
        login: text(&names.login),
        name: text(&names.name),
        avatar: text(&names.avatar),
        email: text(&names.email).map(|address| UpstreamEmail {
            address,
            verified: says_verified || trust_email,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(claims: &Value, trust: bool) -> Identity {
        identity(
            "s-1",
            claims.as_object().unwrap(),
            (&ClaimsConfig::default(), trust),
        )
    }

    #[test]
    fn an_address_is_proven_only_when_the_provider_or_the_operator_says_so() {
        let verified = |claims: Value, trust| read(&claims, trust).email.unwrap().verified;
        assert!(verified(
            json!({ "email": "a@b.test", "email_verified": true }),
            false
        ));
        assert!(verified(
            json!({ "email": "a@b.test", "email_verified": "true" }),
            false
        ));
        assert!(verified(json!({ "email": "a@b.test" }), true));
        for flag in [json!(false), json!("false"), json!(1), json!(null), json!([true])] {
            assert!(!verified(
                json!({ "email": "a@b.test", "email_verified": flag }),
                false
            ));
        }
    }

    #[test]
    fn a_claim_can_not_replace_the_subject() {
        let read = read(&json!({ "sub": "other", "name": 7, "picture": "" }), false);
        assert_eq!(read.subject, "s-1");
        assert_eq!((read.name, read.avatar, read.email), (None, None, None));
    }
}
