//! `/api`: signing in.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::{App, PASSWORD};
use crate::people::{EMAIL, credentials, log_in, register, register_as, signed};

#[tokio::test]
async fn a_login_and_a_session_answer_as_the_document_shows() {
    let app = App::new().await;
    let registered = register(&app).await;
    let body = json!({"username": EMAIL, "password": PASSWORD});
    let mut reply = app.program().post("/api/login", body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.header("cache-control"), "no-store");
    let token = reply.body["token"].take();
    let session = app
        .program()
        .bearing(token.as_str().unwrap())
        .get("/api/session")
        .await;
    assert_eq!(
        session.body,
        json!({
            "username": EMAIL,
            "display_name": "Ada Lovelace",
            "user_id": registered.text("/user/id"),
            "is_admin": false,
        })
    );
    let mut without_token = session.body.clone();
    without_token["token"] = Value::Null;
    assert_eq!(reply.body, without_token);
}

#[tokio::test]
async fn wrong_passwords_and_unknown_names_look_alike() {
    let app = App::new().await;
    register(&app).await;
    let wrong = app.program().post("/api/login", credentials("not it")).await;
    let unknown = json!({"username": "nobody", "password": PASSWORD});
    let unknown = app.program().post("/api/login", unknown).await;
    assert_eq!(wrong.refusal(), (401, "invalid_credentials"));
    assert_eq!(wrong.body["error"], unknown.body["error"]);
    let reply = app
        .program()
        .post("/api/login", json!({"username": ["ada"], "password": "x"}))
        .await;
    assert_eq!(reply.refusal(), (400, "invalid_request"));
    assert!(reply.body["error"]["details"]["fields"]["username"].is_string());
}

#[tokio::test]
async fn logging_out_is_fine_with_a_dead_token_and_with_none() {
    let app = App::new().await;
    for program in [app.program(), app.program().bearing("eyJhbGciOiJub25lIn0.e30.")] {
        let reply = program.send(http::Method::POST, "/api/logout", None).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.body),
            (200, &json!({"status": "ok"}))
        );
    }
    assert_eq!(
        app.program().get("/api/session").await.refusal(),
        (401, "unauthorized")
    );
}

#[tokio::test]
async fn a_token_answers_as_the_document_shows_and_its_text_only_once() {
    let app = App::new().await;
    let id = register(&app).await.text("/user/id").to_owned();
    let program = app.program().bearing(log_in(&app).await.text("/token"));
    let path = format!("compute.{id}.containers");
    let scopes = json!({ path: ["create", "read", "delete"] });
    let body = json!({"name": "ci-deploy", "scopes": scopes, "expires_in": "90d"});
    let mut made = program.post("/api/tokens", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let text = made.body.as_object_mut().unwrap().remove("token").unwrap();
    assert!(text.as_str().unwrap().starts_with("ecloud_"));
    let now = app.ctx().now.as_seconds();
    assert_eq!(made.body["scopes"], scopes);
    assert_eq!(made.body["created_at"], now);
    assert_eq!(made.body["expires_at"], now + 90 * 86_400);
    assert_eq!(made.body["last_used_at"], 0);
    assert!(made.text("/id").starts_with("tok_"));
    let list = program.get("/api/tokens").await;
    assert_eq!(list.body, json!([made.body]));
    assert_eq!(list.header("x-total-count"), "1");
    // It manages no credentials, whatever its scopes.
    let key = app.program().bearing(text.as_str().unwrap());
    for reply in [key.get("/api/tokens").await, key.get("/api/session").await] {
        assert_eq!(reply.refusal(), (403, "session_required"));
    }
}

#[tokio::test]
async fn a_bad_token_is_refused_by_the_entry_that_is_wrong() {
    let app = App::new().await;
    let id = register(&app).await.text("/user/id").to_owned();
    let program = app.program().bearing(log_in(&app).await.text("/token"));
    let good = json!({ format!("compute.{id}"): ["read"] });
    for (member, body) in [
        ("name", json!({"name": "", "scopes": good})),
        ("name", json!({"name": "x".repeat(65), "scopes": good})),
        ("name", json!({"scopes": good})),
        ("scopes", json!({"name": "a", "scopes": {}})),
        (
            "scopes",
            json!({"name": "a", "scopes": {format!("compute.{id}"): []}}),
        ),
        (
            "scopes",
            json!({"name": "a", "scopes": {format!("compute.{id}"): ["fly"]}}),
        ),
        ("scopes", json!({"name": "a", "scopes": {"compute": ["read"]}})),
        (
            "expires_in",
            json!({"name": "a", "scopes": good, "expires_in": "31d"}),
        ),
    ] {
        let reply = program.post("/api/tokens", body).await;
        assert_eq!(reply.refusal(), (400, "invalid_request"), "{}", reply.body);
        assert!(
            reply.body["error"]["details"]["fields"][member].is_string(),
            "{}",
            reply.body
        );
    }
    let bob = register_as(&app, "bob@example.org").await;
    let foreign = json!({ format!("compute.{}", bob.text("/user/id")): ["read"] });
    let reply = program
        .post("/api/tokens", json!({"name": "a", "scopes": foreign}))
        .await;
    assert_eq!(reply.status, 403, "{}", reply.body);
    let body = json!({"name": "a", "scopes": good});
    assert_eq!(app.program().post("/api/tokens", body).await.status, 401);
}

#[tokio::test]
async fn anybody_may_ask_whether_a_token_stands_and_learns_nothing_else() {
    let app = App::new().await;
    let id = register(&app).await.text("/user/id").to_owned();
    let program = app.program().bearing(log_in(&app).await.text("/token"));
    let make = async |name: &str, life: &str| {
        let scopes = json!({ format!("compute.{id}"): ["read"] });
        let body = json!({"name": name, "scopes": scopes, "expires_in": life});
        let made = program.post("/api/tokens", body).await;
        made.text("/id").to_owned()
    };
    let check = async |id: &str| app.program().get(&format!("/api/tokens/{id}/check")).await;
    let (kept, revoked, short) = (
        make("kept", "never").await,
        make("revoked", "never").await,
        make("short", "30d").await,
    );
    for id in [&kept, &revoked, &short] {
        assert_eq!(check(id).await.body, json!({"status": "valid"}));
    }
    let stranger = register_as(&app, "bob@example.org").await;
    let stranger = app.program().bearing(stranger.text("/token"));
    let path = format!("/api/tokens/{revoked}");
    assert_eq!(stranger.delete(&path).await.refusal(), (404, "not_found"));
    assert_eq!(program.delete(&path).await.body, json!({"status": "ok"}));
    assert_eq!(program.delete(&path).await.refusal(), (404, "not_found"));
    app.clock.advance(Duration::from_secs(31 * 86_400));
    for id in [revoked.as_str(), short.as_str(), "tok_x"] {
        assert_eq!(check(id).await.refusal(), (404, "not_found"), "{id}");
    }
    assert_eq!(check(&kept).await.status, 200);
}

#[tokio::test]
async fn logging_out_with_a_token_of_a_program_does_not_end_it() {
    let app = App::new().await;
    let program = signed(&app).await;
    let me = program.get("/v1/auth/me").await;
    let scopes = json!({ format!("compute.{}", me.text("/id")): ["read"] });
    let body = json!({"name": "a", "scopes": scopes});
    let made = program.post("/api/tokens", body).await;
    let key = app.program().bearing(made.text("/token"));
    let reply = key.send(http::Method::POST, "/api/logout", None).await;
    assert_eq!(reply.status, 200);
    let path = format!("/api/tokens/{}/check", made.text("/id"));
    assert_eq!(app.program().get(&path).await.status, 200);
}
