//! `/api/auth`: the console's own operations.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::app::json::{Program, Reply};
use crate::app::{App, PASSWORD};

const EMAIL: &str = "user@example.com";

async fn register(app: &App) -> (Reply, Program) {
    let body = json!({"email": EMAIL, "password": PASSWORD, "name": "John Doe"});
    let reply = app.program().post("/api/auth/register", body).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let signed = app.program().bearing(reply.text("/token"));
    (reply, signed)
}

#[tokio::test]
async fn sign_in_answers_as_the_document_shows() {
    let app = App::new().await;
    let (registered, _) = register(&app).await;
    assert_eq!(registered.body["user"]["email"], EMAIL);
    let login = json!({"email": EMAIL, "password": PASSWORD});
    let reply = app.program().post("/api/auth/login", login).await;
    assert_eq!(reply.body["user"]["role"], "user");
    let body = json!({"refreshToken": reply.text("/refreshToken")});
    let next = app.program().post("/api/auth/refresh", body).await;
    let me = app
        .program()
        .bearing(next.text("/token"))
        .get("/api/auth/me")
        .await;
    assert_eq!(me.body["name"], "John Doe");
    assert_eq!(me.body["githubId"], json!(null));
    assert_eq!(me.body["onboardingCompleted"], false);
}

#[tokio::test]
async fn signing_out_ends_the_tokens_of_the_session_and_of_the_named_one() {
    let app = App::new().await;
    let (first, signed) = register(&app).await;
    let login = json!({"email": EMAIL, "password": PASSWORD});
    let second = app.program().post("/api/auth/login", login).await;
    let body = json!({"refreshToken": second.text("/refreshToken")});
    assert_eq!(signed.post("/api/auth/logout", body).await.status, 200);
    for tokens in [&first, &second] {
        let program = app.program().bearing(tokens.text("/token"));
        assert_eq!(program.get("/auth/me").await.refusal(), (401, "unauthorized"));
        let body = json!({"refreshToken": tokens.text("/refreshToken")});
        let reply = app.program().post("/api/auth/refresh", body).await;
        assert_eq!(reply.refusal(), (401, "invalid_refresh_token"));
    }
}

#[tokio::test]
async fn milestones_and_preferences_are_kept() {
    let app = App::new().await;
    let (_, signed) = register(&app).await;
    for _ in 0..2 {
        let reply = signed
            .send(Method::POST, "/api/auth/complete-onboarding", None)
            .await;
        assert_eq!(reply.body, json!({"onboardingCompleted": true}));
    }
    assert_eq!(signed.get("/api/auth/me").await.body["onboardingCompleted"], true);
    let wanted = json!({"theme": "dark", "own": {"x": [1]}});
    assert_eq!(
        signed.put("/api/auth/preferences", wanted.clone()).await.body,
        wanted
    );
    assert_eq!(signed.get("/api/auth/preferences").await.body, wanted);
    let reply = signed
        .put("/api/auth/preferences", json!({"theme": "pink"}))
        .await;
    assert!(reply.body["error"]["details"]["fields"]["theme"].is_string());
    let reply = signed.put("/api/auth/preferences", json!([1])).await;
    assert_eq!(reply.refusal(), (400, "invalid_request"));
}

#[tokio::test]
async fn a_picture_is_made_anew_and_a_text_is_none() {
    let app = App::new().await;
    let (_, signed) = register(&app).await;
    let form = |content: &str| {
        format!(
            "--x\r\ncontent-disposition: form-data; name=\"avatar\"; filename=\"a.png\"\r\ncontent-type: image/png\r\n\r\n{content}\r\n--x--\r\n"
        )
    };
    let upload = signed.with("content-type", "multipart/form-data; boundary=x");
    // Up to 5 MiB are read and judged.
    for (content, refusal) in [
        ("no picture".to_owned(), (400, "invalid_request")),
        ("x".repeat(5 << 20), (400, "invalid_request")),
        ("x".repeat((5 << 20) + 1), (413, "payload_too_large")),
        ("x".repeat(6 << 20), (413, "payload_too_large")),
    ] {
        let content = Some(form(&content));
        let reply = upload.send(Method::POST, "/api/auth/avatar", content).await;
        assert_eq!(reply.refusal(), refusal);
    }
    let reply = signed.post("/api/auth/avatar", json!({})).await;
    assert_eq!(reply.refusal(), (415, "unsupported_media_type"));
}

#[tokio::test]
async fn a_download_token_reads_once_within_a_minute_and_only_its_path() {
    let app = App::new().await;
    let (_, signed) = register(&app).await;
    let ask = async |body| {
        signed
            .post("/api/auth/download-token", body)
            .await
            .text("/token")
            .to_owned()
    };
    let export = async |token: &str| {
        app.program()
            .get(&format!("/api/auth/export?token={token}"))
            .await
    };
    let token = ask(json!({})).await;
    let reply = export(&token).await;
    assert_eq!(reply.body["account"]["email"], EMAIL);
    assert!(reply.header("content-disposition").contains("account.json"));
    assert_eq!(export(&token).await.refusal(), (410, "expired_token"));
    let other = ask(json!({"path": "/elsewhere"})).await;
    assert_eq!(export(&other).await.status, 410);
    let late = ask(json!({})).await;
    app.clock.advance(Duration::from_secs(61));
    assert_eq!(export(&late).await.status, 410);
    // It is no token for anything else.
    let reply = app.program().bearing(&late).get("/api/auth/me").await;
    assert_eq!(reply.status, 401);
}

#[tokio::test]
async fn deletion_takes_the_password_or_a_sign_in_of_just_now() {
    let app = App::new().await;
    let (_, signed) = register(&app).await;
    let status = async || signed.get("/api/auth/deletion-status").await.body;
    assert_eq!(
        status().await,
        json!({"pending": false, "requestedAt": null, "scheduledFor": null})
    );
    app.clock.advance(Duration::from_secs(301));
    let reply = signed
        .send(Method::POST, "/api/auth/request-deletion", None)
        .await;
    assert_eq!(reply.refusal(), (403, "recent_sign_in_required"));
    let reply = signed
        .post("/api/auth/request-deletion", json!({"password": "wrong"}))
        .await;
    assert_eq!(reply.refusal(), (403, "invalid_password"));
    let reply = signed
        .post("/api/auth/request-deletion", json!({"password": PASSWORD}))
        .await;
    assert_eq!(reply.status, 202);
    assert_eq!(status().await["pending"], true);
    let reply = app
        .program()
        .post("/api/auth/cancel-deletion", json!({"token": "unknown"}))
        .await;
    assert_eq!(reply.refusal(), (410, "expired_token"));
}

#[tokio::test]
async fn linked_accounts_of_others_are_not_there() {
    let app = App::new().await;
    let (_, signed) = register(&app).await;
    assert_eq!(signed.get("/api/auth/github/accounts").await.body, json!([]));
    let reply = signed.delete("/api/auth/github/accounts/12345").await;
    assert_eq!(reply.refusal(), (404, "not_found"));
    let reply = signed
        .post("/api/auth/github/accounts/active", json!({"githubId": "12345"}))
        .await;
    assert_eq!(reply.refusal(), (404, "not_found"));
}
