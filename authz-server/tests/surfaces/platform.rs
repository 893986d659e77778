//! `/auth`: the life of a sign-in.

use std::time::Duration;

use serde_json::{Value, json};

use crate::app::json::{Program, Reply};
use crate::app::{App, PASSWORD};

const EMAIL: &str = "ada@example.org";

async fn register(app: &App) -> Reply {
    let body = json!({"email": EMAIL, "password": PASSWORD, "name": "Ada"});
    let reply = app.program().post("/auth/register", body).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    reply
}

async fn log_in(program: &Program, password: &str) -> Reply {
    program
        .post("/auth/login", json!({"email": EMAIL, "password": password}))
        .await
}

#[tokio::test]
async fn a_registration_answers_with_tokens_that_work() {
    let app = App::new().await;
    let reply = register(&app).await;
    assert_eq!(reply.body["token_type"], "Bearer");
    assert_eq!(reply.body["expires_in"], 900);
    assert_eq!(reply.body["user"]["email"], EMAIL);
    let account = reply.text("/user/account_id").to_owned();
    assert!(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()));
    let me = app
        .program()
        .bearing(reply.text("/access_token"))
        .get("/auth/me")
        .await;
    assert_eq!(me.body["type"], "root");
    assert_eq!(me.body["arn"], format!("arn:authz:iam::{account}:root"));
    assert_eq!(me.body["two_factor_enabled"], false);
    assert_eq!(me.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_taken_address_and_a_weak_password_are_told_apart() {
    let app = App::new().await;
    register(&app).await;
    let again = json!({"email": " ADA@example.org", "password": PASSWORD});
    let reply = app.program().post("/auth/register", again).await;
    assert_eq!(reply.refusal(), (409, "email_taken"));
    let weak = json!({"email": "b@example.org", "password": "password1"});
    let reply = app.program().post("/auth/register", weak).await;
    assert_eq!(reply.refusal(), (400, "invalid_request"));
    assert!(reply.body["error"]["details"]["fields"]["password"].is_string());
}

#[tokio::test]
async fn wrong_passwords_and_unknown_addresses_look_alike() {
    let app = App::new().await;
    register(&app).await;
    let wrong = log_in(&app.program(), "not the password").await;
    let unknown = json!({"email": "nobody@example.org", "password": PASSWORD});
    let unknown = app.program().post("/auth/login", unknown).await;
    assert_eq!(wrong.refusal(), (401, "invalid_credentials"));
    assert_eq!(wrong.body["error"], unknown.body["error"]);
    assert!(wrong.header("www-authenticate").starts_with("Bearer"));
}

#[tokio::test]
async fn refresh_tokens_rotate_and_a_replayed_one_ends_the_sign_in() {
    let app = App::new().await;
    register(&app).await;
    let first = log_in(&app.program(), PASSWORD).await;
    let refresh = async |token: &str| {
        let body = json!({"refresh_token": token});
        app.program().post("/auth/refresh", body).await
    };
    let second = refresh(first.text("/refresh_token")).await;
    let third = refresh(second.text("/refresh_token")).await;
    assert_eq!(third.status, 200);
    app.clock.advance(Duration::from_secs(60));
    let replayed = refresh(first.text("/refresh_token")).await;
    assert_eq!(replayed.refusal(), (401, "invalid_refresh_token"));
    assert_eq!(refresh(third.text("/refresh_token")).await.status, 401);
    let me = app
        .program()
        .bearing(third.text("/access_token"))
        .get("/auth/me")
        .await;
    assert_eq!(me.refusal(), (401, "unauthorized"));
    assert!(me.header("www-authenticate").contains("invalid_token"));
}

#[tokio::test]
async fn a_sign_in_that_is_renewed_outlives_the_idle_limit_of_browsers() {
    let app = App::new().await;
    let mut tokens = register(&app).await;
    for _ in 0..5 {
        app.clock.advance(Duration::from_secs(12 * 86_400));
        let body = json!({"refresh_token": tokens.text("/refresh_token")});
        tokens = app.program().post("/auth/refresh", body).await;
        assert_eq!(tokens.status, 200);
        let me = app
            .program()
            .bearing(tokens.text("/access_token"))
            .get("/auth/me")
            .await;
        assert_eq!(me.status, 200);
    }
    app.clock.advance(Duration::from_secs(31 * 86_400));
    let body = json!({"refresh_token": tokens.text("/refresh_token")});
    assert_eq!(app.program().post("/auth/refresh", body).await.status, 401);
}

#[tokio::test]
async fn a_forgotten_password_is_answered_alike_for_everybody() {
    let app = App::new().await;
    register(&app).await;
    for email in [EMAIL, "nobody@example.org"] {
        let reply = app
            .program()
            .post("/auth/forgot-password", json!({"email": email}))
            .await;
        assert_eq!(
            (reply.status.as_u16(), &reply.body),
            (202, &json!({"status": "ok"}))
        );
    }
    let body = json!({"token": "az_ml_unknown", "password": "another plum orbit"});
    let reply = app.program().post("/auth/reset-password", body).await;
    assert_eq!(reply.refusal(), (410, "expired_token"));
}

#[tokio::test]
async fn what_was_not_asked_for_can_not_be_confirmed() {
    let app = App::new().await;
    let tokens = register(&app).await;
    let signed = app.program().bearing(tokens.text("/access_token"));
    let reply = signed.post("/auth/verify-email", json!({"otp": "000000"})).await;
    assert_eq!(reply.refusal(), (400, "invalid_code"));
    let reply = app
        .program()
        .post("/auth/verify-email", json!({"otp": "000000"}))
        .await;
    assert!(reply.body["error"]["details"]["fields"]["email"].is_string(),);
    let reply = app
        .program()
        .send(http::Method::POST, "/auth/verify-email/resend", None)
        .await;
    assert_eq!(reply.status, 400);
    assert_eq!(
        signed
            .post("/auth/verify-email/resend", Value::Object(Default::default()))
            .await
            .status,
        202
    );
}
