//! What is got for a key, and when it ends.

use std::time::Duration;

use serde_json::json;

use crate::{EXCHANGE, Ground, KEYS, claims, plain};

/// V07.
#[tokio::test]
async fn a_signed_request_is_exchanged_for_a_token_of_a_quarter_of_an_hour() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    let reply = ground.send(&ground.signed(&key, "")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(
        (&reply.body["token_type"], &reply.body["expires_in"]),
        (&json!("Bearer"), &json!(900))
    );
    assert!(reply.body["refresh_token"].is_null());
    assert_eq!(reply.header("cache-control"), "no-store");
    let said = claims(reply.text("/access_token"));
    assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), 900);
    assert_eq!(said["client_id"], "first-party.platform");
    assert_eq!(said["account_id"].as_str().unwrap().len(), 12);
    assert!(said["sub"].as_str().unwrap().starts_with("usr_") && said["sid"].is_null());
    assert!(ground.is_active(reply.text("/access_token")).await);
    ground.app.clock.advance(Duration::from_secs(900));
    assert!(!ground.is_active(reply.text("/access_token")).await);
}

#[tokio::test]
async fn a_presigned_request_and_the_secret_itself_are_exchanged_too() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    let at = ground.app.ctx().now;
    let presigned = key.presign(plain(""), at, Duration::from_secs(600));
    let reply = ground.send(&presigned).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let body = json!({"access_key_id": key.id, "secret_access_key": key.secret, "duration_seconds": 60});
    let reply = ground.app.program().post(EXCHANGE, body).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.body["expires_in"]),
        (200, &json!(60))
    );
}

/// V07.
#[tokio::test]
async fn what_a_deleted_key_was_exchanged_for_dies_with_it() {
    let ground = Ground::new().await;
    let (key, other) = (ground.key().await, ground.key().await);
    let token = ground.send(&ground.signed(&key, "")).await;
    let kept = ground.send(&ground.signed(&other, "")).await;
    ground.app.clock.advance(Duration::from_secs(1));
    assert!(ground.is_active(token.text("/access_token")).await);
    assert_eq!(
        ground.root.delete(&format!("{KEYS}/{}", key.id)).await.status,
        200
    );
    assert!(!ground.is_active(token.text("/access_token")).await);
    assert!(ground.is_active(kept.text("/access_token")).await);
    let late = ground.send(&ground.signed(&key, "")).await;
    assert_eq!(late.refusal(), (401, "signature_does_not_match"));
}

/// V07.
#[tokio::test]
async fn what_the_keys_of_a_deleted_user_were_exchanged_for_dies_with_the_user() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    let token = ground.send(&ground.signed(&key, "")).await;
    assert_eq!(ground.root.delete("/auth/iam/users/ci").await.status, 200);
    assert!(!ground.is_active(token.text("/access_token")).await);
    let late = ground.send(&ground.signed(&key, "{}")).await;
    assert_eq!(late.refusal(), (401, "signature_does_not_match"));
}

#[tokio::test]
async fn wishes_that_make_no_sense_are_refused_and_use_up_nothing() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    for (body, member) in [
        (json!({"duration_seconds": 59}), "duration_seconds"),
        (json!({"duration_seconds": 901}), "duration_seconds"),
        (json!({"session_policy": {"Statement": "all"}}), "session_policy"),
        (json!({"session_policy": 7}), "session_policy"),
        (json!({"session_policy": " ".repeat(2049)}), "session_policy"),
    ] {
        let reply = ground.send(&ground.signed(&key, &body.to_string())).await;
        assert_eq!(reply.refusal(), (400, "invalid_request"), "{body}");
        assert!(!reply.text(&format!("/error/details/fields/{member}")).is_empty());
    }
    let reply = ground.app.program().post(EXCHANGE, json!({})).await;
    assert_eq!(reply.refusal(), (400, "invalid_request"));
    let both = json!({"access_key_id": key.id, "secret_access_key": key.secret}).to_string();
    let reply = ground.send(&ground.signed(&key, &both)).await;
    assert_eq!(reply.refusal(), (400, "invalid_request"));
}
