//! The audit log at the doors: who finds which requests in it, and that nobody can write into it what did not happen.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says so"
)]

#[path = "../app/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod app;
mod coverage;
mod export;
mod filters;
mod forgery;

use app::json::{Program, Reply};
use app::{App, PASSWORD};
use serde_json::{Value, json};

/// A root user, signed in by a program.
pub async fn root(app: &App, email: &str) -> Program {
    let body = json!({ "email": email, "password": PASSWORD, "name": "Ada" });
    let reply = app.program().post("/auth/register", body).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    app.program().bearing(reply.text("/access_token"))
}

pub async fn logs(program: &Program, query: &str) -> Vec<Value> {
    let reply = listed(program, query).await;
    reply.body.as_array().expect("a list").clone()
}

pub async fn listed(program: &Program, query: &str) -> Reply {
    let reply = program.get(&format!("/auth/audit-logs{query}")).await;
    assert_eq!(reply.status, 200, "{query}: {}", reply.body);
    reply
}

/// Changes something and is written down.
pub async fn make_key(program: &Program, name: &str) -> Reply {
    let wish = json!({ "name": name, "scopes": ["repos:read"] });
    program.post("/v1/auth/api-keys", wish).await
}

#[tokio::test]
async fn what_was_done_is_told_newest_first_and_in_the_domains_words() {
    let app = App::new().await;
    let ada = root(&app, "ada@example.org").await;
    let ada = ada
        .with("user-agent", "curl/8.11.0")
        .with("x-request-id", "build-4711");
    assert_eq!(make_key(&ada, "deploy").await.status, 201);
    let found = logs(&ada, "").await;
    let entry = &found[0];
    assert_eq!(entry["service"], "v1");
    assert_eq!(
        (&entry["method"], &entry["path"]),
        (&json!("POST"), &json!("/v1/auth/api-keys"))
    );
    assert_eq!(
        (&entry["status"], &entry["ip"]),
        (&json!(201), &json!("192.0.2.7"))
    );
    assert_eq!(entry["user_agent"], "curl/8.11.0");
    assert_eq!(entry["request_id"], "build-4711");
    assert_eq!(
        (&entry["actor_type"], &entry["actor_name"]),
        (&json!("user"), &json!("Ada"))
    );
    assert_eq!(entry["details"]["events"][0]["action"], "api_key.created");
    assert_eq!(found.last().unwrap()["path"], "/auth/register");
    let seqs: Vec<i64> = found.iter().map(|entry| entry["seq"].as_i64().unwrap()).collect();
    assert!(seqs.is_sorted_by(|newer, older| *newer == older + 1), "{seqs:?}");
}

/// T04
#[tokio::test]
async fn a_refused_request_of_somebody_known_has_an_entry_and_garbage_has_none() {
    let app = App::new().await;
    let ada = root(&app, "ada@example.org").await;
    let before = logs(&ada, "").await.len();
    let refused = ada.post("/v1/auth/api-keys", json!({ "name": "" })).await;
    assert_eq!(refused.status, 400);
    let stranger = app.program();
    assert_eq!(make_key(&stranger, "x").await.status, 401);
    assert_eq!(stranger.post("/auth/nowhere", json!({})).await.status, 404);
    let found = logs(&ada, "?status=400").await;
    assert_eq!((found.len(), &found[0]["status"]), (1, &json!(400)));
    assert_eq!(logs(&ada, "").await.len(), before + 1);
    let verified = app.authority.verify_audit_log(None).await.unwrap();
    assert_eq!((verified.chains, verified.findings.is_empty()), (1, true));
}

/// A wrong password is told to whoever owns the account; for a name that nobody has, it is the server's own.
#[tokio::test]
async fn failed_sign_ins_are_in_the_log_of_the_account_that_was_tried() {
    let app = App::new().await;
    let ada = root(&app, "ada@example.org").await;
    for email in ["ada@example.org", "nobody@example.org"] {
        let body = json!({ "email": email, "password": "not the password" });
        assert_eq!(app.program().post("/auth/login", body).await.status, 401);
    }
    let found = logs(&ada, "?q=login.failed").await;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["actor_type"], &found[0]["actor"]),
        (&json!("anonymous"), &Value::Null)
    );
    let own = app.authority.verify_audit_log(Some("-")).await.unwrap();
    assert_eq!((own.entries, own.findings.is_empty()), (1, true));
}

/// I9
#[tokio::test]
async fn what_cannot_be_written_down_is_not_acknowledged() {
    let app = App::new().await;
    let ada = root(&app, "ada@example.org").await;
    app.authority.database.close().await;
    let reply = make_key(&ada, "deploy").await;
    assert!(reply.status.is_server_error(), "{}", reply.status);
}

/// A02
#[tokio::test]
async fn no_secret_is_in_the_log() {
    let app = App::new().await;
    let ada = root(&app, "ada@example.org").await;
    let made = make_key(&ada, "deploy").await;
    let key = made.body.pointer("/api_key").unwrap();
    ada.delete(&format!("/v1/auth/api-keys/{}", key.as_str().unwrap()))
        .await;
    let all = Value::Array(logs(&ada, "").await).to_string();
    assert!(all.contains("[hidden]"), "{all}");
    for secret in [PASSWORD, key.as_str().unwrap()] {
        assert!(!all.contains(secret), "{all}");
    }
}
