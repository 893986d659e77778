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

/// With the policy that allows it: his own, and nobody else's.
#[tokio::test]
async fn a_user_who_has_signed_in_manages_his_own_keys() {
    let ground = Ground::new().await;
    let dora = json!({"username": "dora", "password": PASSWORD, "console_access": true});
    let made = ground.root.post("/auth/iam/users", dora).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let own = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": ["iam:ListAccessKeys", "iam:CreateAccessKey", "iam:DeleteAccessKey"],
        "Resource": "arn:authz:iam::*:user/${iam:username}"
    }]});
    let body = json!({"name": "own-keys", "description": "", "document": own});
    let policy = ground.root.post("/auth/iam/policies", body).await;
    let path = format!("/auth/iam/users/dora/policies/{}", policy.text("/id"));
    assert_eq!(ground.root.put(&path, json!({})).await.status, 200);
    let login = json!({"account_id": made.text("/account_id"), "username": "dora", "password": PASSWORD});
    let reply = ground.app.program().post("/auth/iam-login", login).await;
    let dora = ground.app.program().bearing(reply.text("/access_token"));
    let keys = "/auth/iam/users/dora/access-keys";
    let key = dora.post(keys, json!({})).await;
    assert_eq!(key.status, 201, "{}", key.body);
    assert_eq!(
        dora.get(keys).await.text("/0/access_key_id"),
        key.text("/access_key_id")
    );
    let one = format!("{keys}/{}", key.text("/access_key_id"));
    assert_eq!(dora.delete(&one).await.status, 200);
    assert_eq!(dora.post(KEYS, json!({})).await.refusal(), (403, "access_denied"));
    assert_eq!(dora.get(KEYS).await.refusal(), (403, "access_denied"));
}

/// P07: a key speaks for its user, so whoever makes it must have all that the user has.
#[tokio::test]
async fn nobody_makes_a_key_for_somebody_who_may_do_more() {
    let ground = Ground::new().await;
    let dora = json!({"username": "dora", "password": PASSWORD, "console_access": true});
    let made = ground.root.post("/auth/iam/users", dora).await;
    let keys = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": ["iam:CreateAccessKey", "iam:DeleteAccessKey"], "Resource": "*"
    }]});
    let body = json!({"name": "keys", "description": "", "document": keys});
    let policy = ground.root.post("/auth/iam/policies", body).await;
    for (user, id) in [("dora", policy.text("/id")), ("ci", "AdministratorAccess")] {
        let path = format!("/auth/iam/users/{user}/policies/{id}");
        let attached = ground.root.put(&path, json!({})).await;
        assert_eq!(attached.status, 200, "{}", attached.body);
    }
    let login = json!({"account_id": made.text("/account_id"), "username": "dora", "password": PASSWORD});
    let reply = ground.app.program().post("/auth/iam-login", login).await;
    let dora = ground.app.program().bearing(reply.text("/access_token"));
    assert_eq!(dora.post(KEYS, json!({})).await.status, 403);
    let key = ground.key().await;
    assert_eq!(dora.delete(&format!("{KEYS}/{}", key.id)).await.status, 403);
}
