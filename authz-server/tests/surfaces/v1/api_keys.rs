//! Keys for programs.

use serde_json::{Value, json};

use crate::app::App;
use crate::people::{EMAIL, ME, register_as, signed};

const KEYS: &str = "/v1/auth/api-keys";

fn wish() -> Value {
    json!({"name": "Production Key", "scopes": ["databases:read", "databases:write"], "expires_in": "365d"})
}

#[tokio::test]
async fn a_key_answers_as_the_document_shows_and_its_text_only_once() {
    let app = App::new().await;
    let program = signed(&app).await;
    let made = program.post(KEYS, wish()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let text = made.text("/api_key");
    assert!(text.starts_with("ch_live_"));
    assert_eq!(made.text("/prefix"), &text[..11]);
    assert_eq!(made.body["scopes"], json!(["databases:read", "databases:write"]));
    assert!(made.text("/expires_at").ends_with('Z'));
    let list = program.get(KEYS).await;
    let listed = &list.body["api_keys"][0];
    assert_eq!(listed["api_key"], Value::Null);
    assert_eq!(listed["last_used_at"], Value::Null);
    for member in ["id", "name", "prefix", "scopes", "expires_at", "created_at"] {
        assert_eq!(listed[member], made.body[member], "{member}");
    }
    let forever = json!({"name": "Forever", "scopes": ["databases:read"], "expires_in": "never"});
    let forever = program.post(KEYS, forever).await;
    assert_eq!(forever.body["expires_at"], Value::Null);
}

#[tokio::test]
async fn a_revoked_key_is_gone_and_a_strangers_was_never_there() {
    let app = App::new().await;
    let program = signed(&app).await;
    let made = program.post(KEYS, wish()).await;
    let path = format!("{KEYS}/{}", made.text("/id"));
    let bob = register_as(&app, "bob@example.org").await;
    let bob = app.program().bearing(bob.text("/token"));
    assert_eq!(bob.delete(&path).await.refusal(), (404, "NOT_FOUND"));
    assert_eq!(
        program.delete(&path).await.body,
        json!({"message_code": "api_key_revoked"})
    );
    assert_eq!(program.delete(&path).await.refusal(), (404, "NOT_FOUND"));
    assert_eq!(program.get(KEYS).await.body, json!({"api_keys": []}));
    let key = app.program().with("x-api-key", made.text("/api_key"));
    assert_eq!(key.get(KEYS).await.refusal(), (401, "UNAUTHORIZED"));
}

#[tokio::test]
async fn a_key_is_no_person() {
    let app = App::new().await;
    let program = signed(&app).await;
    let made = program.post(KEYS, wish()).await;
    let text = made.text("/api_key");
    for key in [app.program().bearing(text), app.program().with("x-api-key", text)] {
        for path in ME.iter().chain(&[KEYS, "/v1/sessions"]) {
            let reply = key.get(path).await;
            assert_eq!(reply.status, 403, "{path}: {}", reply.body);
        }
        assert_eq!(key.post(KEYS, wish()).await.refusal(), (403, "SESSION_REQUIRED"));
        let reply = key
            .patch("/v1/users/me", json!({"email": "thief@example.org"}))
            .await;
        assert_eq!(reply.refusal(), (403, "SESSION_REQUIRED"));
        for path in ["/v1/users/me", "/v1/sessions"] {
            assert_eq!(key.delete(path).await.refusal(), (403, "SESSION_REQUIRED"));
        }
    }
    assert_eq!(program.get("/v1/users/me").await.body["data"]["email"], EMAIL);
}

#[tokio::test]
async fn a_bad_wish_is_told_by_member() {
    let app = App::new().await;
    let program = signed(&app).await;
    for (member, value) in [
        ("name", json!("")),
        ("scopes", json!([])),
        ("scopes", json!(["databases"])),
        ("scopes", json!("databases:read")),
        ("expires_in", json!("0d")),
        ("expires_in", json!("1h")),
    ] {
        let mut body = wish();
        body[member] = value;
        let reply = program.post(KEYS, body).await;
        assert_eq!(reply.refusal(), (400, "INVALID_REQUEST"), "{member}");
        assert!(reply.body["error"]["details"]["fields"][member].is_string());
    }
    let reply = app.program().post(KEYS, wish()).await;
    assert_eq!(reply.refusal(), (401, "UNAUTHORIZED"));
}
