//! V08: the secret itself, sent in the body.

use serde_json::json;

use crate::{EXCHANGE, Ground};

const OTHER: &str = "AKIAIOSFODNN7EXAMPLE";

/// Neither answer tells which keys there are.
#[tokio::test]
async fn an_unknown_key_and_a_wrong_secret_are_answered_alike() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    let mut answers = Vec::new();
    for (id, secret) in [
        (key.id.as_str(), "wrong"),
        (OTHER, "wrong"),
        (OTHER, key.secret.as_str()),
        ("no key at all", ""),
    ] {
        let body = json!({"access_key_id": id, "secret_access_key": secret});
        let reply = ground.app.program().post(EXCHANGE, body).await;
        assert_eq!(reply.refusal(), (401, "invalid_credentials"));
        answers.push(reply.body["error"].clone());
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn wrong_secrets_close_the_key_for_a_while_whoever_has_it() {
    let ground = Ground::new().await;
    let key = ground.key().await;
    for id in [key.id.as_str(), OTHER] {
        let mut last = 0;
        for guess in 0..12 {
            let body = json!({"access_key_id": id, "secret_access_key": format!("guess {guess}")});
            let address = format!("192.0.2.{}", 20 + guess);
            let reply = ground.app.program_at(&address).post(EXCHANGE, body).await;
            last = reply.status.as_u16();
        }
        assert_eq!(last, 429, "{id}");
    }
    let right = json!({"access_key_id": key.id, "secret_access_key": key.secret});
    let reply = ground.app.program_at("192.0.2.99").post(EXCHANGE, right).await;
    assert_eq!(reply.refusal(), (429, "rate_limited"));
    assert!(reply.header("retry-after").parse::<u64>().unwrap() > 0);
    // Who signs shows no secret that could be guessed at, and is kept out by nobody.
    assert_eq!(ground.send(&ground.signed(&key, "")).await.status, 200);
}
