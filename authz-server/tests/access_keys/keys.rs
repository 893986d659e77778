//! Making, listing and deleting access keys.

use serde_json::json;

use crate::{Ground, KEYS, app::PASSWORD};

#[tokio::test]
async fn a_user_has_two_keys_at_most_and_no_secret_is_shown_again() {
    let ground = Ground::new().await;
    let (first, second) = (ground.key().await, ground.key().await);
    assert!(first.id.starts_with("AKIA") && first.id.len() == 20 && first.secret.len() == 40);
    assert_ne!((&first.id, &first.secret), (&second.id, &second.secret));
    let third = ground.root.post(KEYS, json!({})).await;
    assert_eq!(third.refusal(), (409, "too_many_keys"));
    let list = ground.root.get(KEYS).await;
    let said = list.body.to_string();
    assert_eq!(list.body.as_array().unwrap().len(), 2);
    assert!(said.contains(&first.id) && !said.contains(&first.secret) && !said.contains("secret"));
    assert!(list.body[0]["last_used_at"].is_null());
    let one = format!("{KEYS}/{}", first.id);
    assert_eq!(ground.root.delete(&one).await.status, 200);
    assert_eq!(ground.root.delete(&one).await.refusal(), (404, "not_found"));
    ground.key().await;
}

#[tokio::test]
async fn an_exchange_is_seen_in_the_list() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    ground.send(&ground.signed(&key, "")).await;
    let list = ground.root.get(KEYS).await;
    assert!(list.text("/0/last_used_at").ends_with('Z'), "{}", list.body);
}

#[tokio::test]
async fn a_key_of_another_account_is_not_there() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    let body = json!({"email": "eve@example.org", "password": PASSWORD});
    let eve = ground.app.program().post("/auth/register", body).await;
    let eve = ground.app.program().bearing(eve.text("/access_token"));
    assert_eq!(eve.get(KEYS).await.status, 404);
    assert_eq!(eve.post(KEYS, json!({})).await.status, 404);
    assert_eq!(eve.delete(&format!("{KEYS}/{}", key.id)).await.status, 404);
    eve.post("/auth/iam/users", json!({"username": "ci"})).await;
    assert_eq!(eve.delete(&format!("{KEYS}/{}", key.id)).await.status, 404);
    assert_eq!(ground.send(&ground.signed(&key, "")).await.status, 200);
}

/// Whatever its permissions: API keys and what an access key was exchanged for manage no credentials.
#[tokio::test]
async fn a_program_can_not_make_keys() {
    let ground = Ground::new().await;
    let body = json!({"name": "all", "scopes": ["databases:read"]});
    let made = ground.root.post("/v1/auth/api-keys", body).await;
    let key = ground.key().await;
    let token = ground.send(&ground.signed(&key, "")).await;
    for credential in [made.text("/api_key"), token.text("/access_token")] {
        let program = ground.app.program().bearing(credential);
        let refused = program.post(KEYS, json!({})).await;
        assert!(refused.refusal() == (403, "session_required"), "{}", refused.body);
    }
}
