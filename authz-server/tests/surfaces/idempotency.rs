//! `Idempotency-Key` at the surfaces.

use std::time::Duration;

use serde_json::json;

use crate::app::json::{Program, Reply};
use crate::app::{App, PASSWORD};

fn keyed(app: &App, key: &str) -> Program {
    app.program().with("idempotency-key", key)
}

async fn register(program: &Program, email: &str) -> Reply {
    let body = json!({"email": email, "password": PASSWORD});
    program.post("/auth/register", body).await
}

/// B05: fifty at once have one effect, and all get the one answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_registrations_with_one_key_are_one() {
    let app = App::new().await;
    let racers = (0..50).map(|_| {
        let program = keyed(&app, "8e03978e-40d5-43e8-bc93-6894a57f9324");
        tokio::spawn(async move { register(&program, "ada@example.org").await })
    });
    let mut first = 0;
    let mut tokens = std::collections::BTreeSet::new();
    for racer in racers.collect::<Vec<_>>() {
        let reply = racer.await.unwrap();
        assert_eq!(reply.status, 201, "{}", reply.body);
        tokens.insert(reply.text("/access_token").to_owned());
        first += usize::from(reply.header("idempotent-replayed").is_empty());
    }
    assert_eq!((first, tokens.len()), (1, 1));
    let query = domain::people::UserQuery::default();
    let users = app
        .authority
        .list_users(&query, &model::audit::Actor::Operator)
        .await;
    assert_eq!(users.unwrap().total, 1);
}

/// B05
#[tokio::test]
async fn a_key_stands_for_one_request_for_a_day() {
    let app = App::new().await;
    let key = keyed(&app, "k");
    assert_eq!(register(&key, "ada@example.org").await.status, 201);
    let other = register(&key, "bob@example.org").await;
    assert_eq!(other.refusal(), (409, "idempotency_conflict"));
    let elsewhere = key
        .post("/auth/forgot-password", json!({"email": "ada@example.org"}))
        .await;
    assert_eq!(elsewhere.status, 202, "another route, another key");
    let stranger = app.program_at("198.51.100.9").with("idempotency-key", "k");
    assert_eq!(
        register(&stranger, "cyd@example.org").await.status,
        201,
        "another caller"
    );
    app.clock.advance(Duration::from_secs(24 * 60 * 60 + 1));
    assert_eq!(register(&key, "bob@example.org").await.status, 201);
}

/// A refusal is an answer, too, with the words it had; without a key nothing is remembered.
#[tokio::test]
async fn a_refusal_is_repeated_word_for_word() {
    let app = App::new().await;
    assert_eq!(register(&app.program(), "ada@example.org").await.status, 201);
    let key = keyed(&app, "k");
    let first = register(&key, "ada@example.org").await;
    let again = register(&key, "ada@example.org").await;
    assert_eq!(first.refusal(), (409, "email_taken"));
    assert_eq!(first.body, again.body);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.header("content-type"), "application/json");
    assert_eq!(again.header("cache-control"), "no-store");
    let unkeyed = register(&app.program(), "ada@example.org").await;
    assert_ne!(unkeyed.body["meta"]["requestId"], again.body["meta"]["requestId"]);
}

#[tokio::test]
async fn malformed_keys_are_refused() {
    let app = App::new().await;
    for key in ["", "a b", &"x".repeat(256)] {
        let reply = register(&keyed(&app, key), "ada@example.org").await;
        assert_eq!(reply.refusal(), (400, "invalid_request"), "{key}");
    }
    let two = keyed(&app, "a").with("idempotency-key", "b");
    assert_eq!(register(&two, "ada@example.org").await.status, 400);
    assert_eq!(register(&keyed(&app, "!"), "ada@example.org").await.status, 201);
}

/// What is kept may hold a secret that was shown once: at rest it can't be read.
#[tokio::test]
async fn answers_are_sealed_at_rest_and_go_with_their_owner() {
    let app = App::new().await;
    let reply = register(&keyed(&app, "k"), "ada@example.org").await;
    let token = reply.text("/access_token");
    let signature = token.rsplit_once('.').unwrap().1.as_bytes();
    for file in app.files() {
        let bytes = std::fs::read(&file).unwrap();
        assert!(
            !bytes.windows(signature.len()).any(|window| window == signature),
            "{}",
            file.display()
        );
    }
}
