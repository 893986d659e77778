//! What is got for a key, and when it ends.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::signer::Signer;

use crate::app::json::Program;
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

/// What a policy of `ci` allows.
async fn allow(ground: &Ground, actions: &Value) {
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    let body = json!({"name": "own", "description": "", "document": document});
    let made = ground.root.post("/auth/iam/policies", body).await;
    let path = format!("/auth/iam/users/ci/policies/{}", made.text("/id"));
    assert_eq!(ground.root.put(&path, json!({})).await.status, 200);
}

async fn narrowed(ground: &Ground, key: &Signer, actions: &Value) -> Program {
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    let body = json!({"session_policy": {"Version": "2012-10-17", "Statement": [statement]}});
    let reply = ground.send(&ground.signed(key, &body.to_string())).await;
    assert!(claims(reply.text("/access_token"))["scope"].is_null());
    ground.app.program().bearing(reply.text("/access_token"))
}

/// V07.
#[tokio::test]
async fn a_session_policy_only_takes_away() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    allow(&ground, &json!(["iam:ListUsers", "iam:ListGroups"])).await;
    let whole = ground.send(&ground.signed(&key, "")).await;
    let whole = ground.app.program().bearing(whole.text("/access_token"));
    let less = narrowed(&ground, &key, &json!("iam:ListUsers")).await;
    let more = narrowed(&ground, &key, &json!("iam:*")).await;
    let other = narrowed(&ground, &key, &json!("iam:CreateUser")).await;
    for (program, users, groups) in [
        (&whole, 200, 200),
        (&less, 200, 403),
        (&more, 200, 200),
        (&other, 403, 403),
    ] {
        assert_eq!(program.get("/auth/iam/users").await.status, users);
        assert_eq!(program.get("/auth/iam/groups").await.status, groups);
        let made = program.post("/auth/iam/users", json!({"username": "more"})).await;
        assert_eq!(made.refusal(), (403, "access_denied"));
    }
}

/// V07: it is the user's rights at the moment of use that count.
#[tokio::test]
async fn a_right_that_is_taken_from_the_user_is_taken_from_the_token() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    allow(&ground, &json!("iam:ListUsers")).await;
    let token = ground.send(&ground.signed(&key, "")).await;
    let program = ground.app.program().bearing(token.text("/access_token"));
    assert_eq!(program.get("/auth/iam/users").await.status, 200);
    let policies = ground.root.get("/auth/iam/users/ci/policies").await;
    let path = format!("/auth/iam/users/ci/policies/{}", policies.text("/0/id"));
    assert_eq!(ground.root.delete(&path).await.status, 200);
    assert_eq!(
        program.get("/auth/iam/users").await.refusal(),
        (403, "access_denied")
    );
}

/// The policy that lets users manage their own keys does so for whoever has signed in, not for programs.
#[tokio::test]
async fn a_program_with_every_right_still_makes_no_keys() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    allow(&ground, &json!("iam:*")).await;
    let token = ground.send(&ground.signed(&key, "")).await;
    let program = ground.app.program().bearing(token.text("/access_token"));
    assert_eq!(program.get(KEYS).await.status, 200);
    assert_eq!(
        program.post(KEYS, json!({})).await.refusal(),
        (403, "session_required")
    );
    let one = format!("{KEYS}/{}", key.id);
    assert_eq!(program.delete(&one).await.refusal(), (403, "session_required"));
}
