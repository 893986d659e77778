//! Errors have one body on every surface, whoever phrased them.

use http::Method;
use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn every_refusal_has_the_error_body_and_the_request_id() {
    let app = App::new().await;
    let program = app
        .program()
        .with("x-request-id", "my-request-1")
        .with("accept", "text/html");
    for (method, path, body, status, code) in [
        (Method::GET, "/auth/nowhere", None, 404, "not_found"),
        (Method::GET, "/v1/nowhere", None, 404, "NOT_FOUND"),
        (Method::GET, "/auth/login", None, 405, "method_not_allowed"),
        (Method::POST, "/auth/login", Some("{"), 400, "invalid_request"),
        (Method::POST, "/auth/login", Some("{}"), 400, "invalid_request"),
        (Method::GET, "/auth/me", None, 401, "unauthorized"),
    ] {
        let reply = program.send(method, path, body.map(str::to_owned)).await;
        assert_eq!(reply.refusal(), (status, code), "{path}");
        assert_eq!(reply.text("/meta/requestId"), "my-request-1");
        assert_eq!(reply.header("x-request-id"), "my-request-1");
        assert_eq!(reply.header("content-type"), "application/json");
        assert!(reply.body.pointer("/error/details").unwrap().is_object());
    }
}

#[tokio::test]
async fn other_media_types_and_big_bodies_are_refused() {
    let app = App::new().await;
    let body = json!({"email": "a@example.org", "password": "x"}).to_string();
    let form = app.program().with("content-type", "text/plain");
    let reply = form.send(Method::POST, "/auth/login", Some(body)).await;
    assert_eq!(reply.refusal(), (415, "unsupported_media_type"));
    let big = json!({"email": "a".repeat(70_000), "password": "x"});
    let reply = app.program().post("/auth/login", big).await;
    assert_eq!(reply.refusal(), (413, "payload_too_large"));
    let reply = app.program().get("/auth/login").await;
    assert_eq!(reply.header("allow"), "POST");
}

#[tokio::test]
async fn two_credentials_are_one_too_many() {
    let app = App::new().await;
    let program = app.program().bearing("a").with("x-api-key", "b");
    assert_eq!(program.get("/auth/me").await.refusal(), (400, "invalid_request"));
    let program = app.program().with("x-api-key", "b");
    assert_eq!(program.get("/auth/me").await.refusal(), (401, "unauthorized"));
}
