//! Where one is signed in.

use serde_json::json;

use crate::app::{App, PASSWORD};
use crate::people::{log_in, register, register_as};

#[tokio::test]
async fn the_list_marks_the_session_that_asks() {
    let app = App::new().await;
    register(&app).await;
    log_in(&app).await;
    let token = log_in(&app).await.text("/token").to_owned();
    let program = app.program().with("user-agent", "curl/8").bearing(&token);
    let reply = program.get("/v1/sessions").await;
    let sessions = reply.body["data"].as_array().unwrap();
    assert_eq!(sessions.len(), 3);
    let current: Vec<_> = sessions.iter().filter(|one| one["current"] == true).collect();
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["amr"], json!(["pwd"]));
    assert_eq!(current[0]["ip"], "192.0.2.7");
    assert!(current[0]["created_at"].as_str().unwrap().ends_with('Z'));
    assert!(current[0]["last_seen_at"].is_string());
    let meta = &reply.body["meta"];
    assert_eq!(
        (&meta["page"], &meta["limit"], &meta["total"], &meta["totalPages"]),
        (&json!(1), &json!(20), &json!(3), &json!(1))
    );
    assert_eq!(meta["requestId"], reply.header("x-request-id"));
    let second = program.get("/v1/sessions?page=2&limit=2").await;
    assert_eq!(second.body["data"].as_array().unwrap().len(), 1);
    assert_eq!(second.body["meta"]["totalPages"], 2);
    for query in ["page=0", "limit=101", "limit=x"] {
        let reply = program.get(&format!("/v1/sessions?{query}")).await;
        assert_eq!(reply.refusal(), (400, "INVALID_REQUEST"), "{query}");
    }
}

/// S08
#[tokio::test]
async fn a_session_of_somebody_else_is_none() {
    let app = App::new().await;
    let ada = register(&app).await;
    register_as(&app, "bob@example.org").await;
    let body = json!({"email": "bob@example.org", "password": PASSWORD});
    let bob = app.program().post("/v1/auth/login", body).await;
    let bob = app.program().bearing(bob.text("/token"));
    let ada = app.program().bearing(ada.text("/token"));
    let list = ada.get("/v1/sessions").await;
    let path = format!("/v1/sessions/{}", list.text("/data/0/id"));
    assert_eq!(bob.delete(&path).await.refusal(), (404, "NOT_FOUND"));
    assert_eq!(bob.delete("/v1/sessions/x").await.refusal(), (404, "NOT_FOUND"));
    assert_eq!(app.program().delete(&path).await.refusal(), (401, "UNAUTHORIZED"));
    assert_eq!(ada.delete(&path).await.body["data"], json!({"revoked": true}));
    assert_eq!(ada.get("/api/session").await.status, 401);
}

/// S08
#[tokio::test]
async fn all_or_all_others_end_at_once() {
    let app = App::new().await;
    register(&app).await;
    let first = app.program().bearing(log_in(&app).await.text("/token"));
    let second = app.program().bearing(log_in(&app).await.text("/token"));
    let reply = first.delete("/v1/sessions?except=other").await;
    assert_eq!(reply.refusal(), (400, "INVALID_REQUEST"));
    let reply = first.delete("/v1/sessions?except=current").await;
    assert_eq!(reply.body["data"], json!({"revoked": 2}));
    assert_eq!(second.get("/v1/auth/me").await.status, 401);
    assert_eq!(first.get("/v1/auth/me").await.status, 200);
    let reply = first.delete("/v1/sessions").await;
    assert_eq!(reply.body["data"], json!({"revoked": 1}));
    assert_eq!(first.get("/v1/auth/me").await.refusal(), (401, "UNAUTHORIZED"));
}
