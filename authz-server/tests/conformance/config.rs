//! Plan oidcc-config, and form_post's own metadata check.

use serde_json::Value;

use crate::suite::{ISSUER, Mode, Suite};

async fn document(path: &str) -> Value {
    let answer = Suite::start(Mode::Query).await.browser.get(path).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("application/json"));
    serde_json::from_str(&answer.body).unwrap()
}

fn has(list: &Value, value: &str) -> bool {
    list.as_array().unwrap().iter().any(|found| found == value)
}

#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    let document = document("/.well-known/openid-configuration").await;
    assert_eq!(document["issuer"], ISSUER);
    assert_eq!(document["response_types_supported"], serde_json::json!(["code"]));
    assert_eq!(document["subject_types_supported"], serde_json::json!(["public"]));
    assert!(has(&document["id_token_signing_alg_values_supported"], "RS256"));
    assert!(!has(&document["id_token_signing_alg_values_supported"], "none"));
    assert!(has(&document["scopes_supported"], "openid") && has(&document["claims_supported"], "sub"));
    assert_eq!(
        document["code_challenge_methods_supported"],
        serde_json::json!(["S256"])
    );
    for (name, value) in document.as_object().unwrap() {
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            assert!(
                value.as_str().unwrap().starts_with(&format!("{ISSUER}/")),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn oidcc_formpost_metadata() {
    assert!(has(
        &document("/.well-known/openid-configuration").await["response_modes_supported"],
        "form_post"
    ));
}

/// O37, G1
#[tokio::test]
async fn jwks_has_distinct_public_keys_only() {
    let keys = document_of_keys().await;
    let keys = keys["keys"].as_array().unwrap();
    let mut kids: Vec<_> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    kids.sort_unstable();
    kids.dedup();
    assert_eq!(kids.len(), keys.len());
    for key in keys {
        assert!(
            ["d", "p", "q", "dp", "dq", "qi", "k"]
                .iter()
                .all(|private| key.get(private).is_none())
        );
        assert_ne!(key["kty"], "oct");
    }
}

async fn document_of_keys() -> Value {
    let answer = Suite::start(Mode::Query).await.browser.get("/oauth2/jwks").await;
    assert!(answer.header("cache-control").contains("max-age"));
    serde_json::from_str(&answer.body).unwrap()
}
