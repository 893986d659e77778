//! `/api`: signing in.

use serde_json::{Value, json};

use crate::app::{App, PASSWORD};
use crate::people::{EMAIL, credentials, register};

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
