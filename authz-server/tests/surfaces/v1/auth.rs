//! Getting an account, signing in, staying signed in, signing out.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::app::{App, PASSWORD};
use crate::people::{EMAIL, credentials, log_in, register, register_as};

#[tokio::test]
async fn a_registration_answers_with_one_token_and_who_it_is() {
    let app = App::new().await;
    let mut reply = register(&app).await;
    let token = reply.body["token"].take();
    let id = reply.text("/user/id").to_owned();
    assert_eq!(
        reply.body,
        json!({"token": null, "user": {"id": id, "email": EMAIL, "name": "Ada Lovelace"}})
    );
    let me = app.program().bearing(token.as_str().unwrap());
    let me = me.get("/v1/auth/me").await;
    assert_eq!(me.text("/id"), id);
    assert_eq!(me.text("/company"), "Engines");
}

#[tokio::test]
async fn an_account_needs_a_name_and_a_good_password() {
    let app = App::new().await;
    let post = async |body| app.program().post("/v1/auth/register", body).await;
    for (missing, body) in [
        ("name", json!({"email": EMAIL, "password": PASSWORD})),
        ("name", json!({"email": EMAIL, "password": PASSWORD, "name": " "})),
        ("password", json!({"email": EMAIL, "name": "Ada"})),
        (
            "password",
            json!({"email": EMAIL, "password": "1234567", "name": "Ada"}),
        ),
        (
            "email",
            json!({"email": "ada", "password": PASSWORD, "name": "Ada"}),
        ),
        (
            "company",
            json!({"email": EMAIL, "password": PASSWORD, "name": "Ada", "company": "a\u{0}b"}),
        ),
    ] {
        let reply = post(body).await;
        assert_eq!(reply.refusal(), (400, "INVALID_REQUEST"), "{missing}");
        assert!(
            reply.body["error"]["details"]["fields"][missing].is_string(),
            "{}",
            reply.body
        );
    }
    register(&app).await;
    let taken = json!({"email": "ADA@example.org ", "password": PASSWORD, "name": "Ada"});
    assert_eq!(post(taken).await.refusal(), (409, "EMAIL_TAKEN"));
}

#[tokio::test]
async fn a_login_answers_with_a_pair_of_tokens() {
    let app = App::new().await;
    let id = register(&app).await.text("/user/id").to_owned();
    let reply = log_in(&app).await;
    let user = json!({"id": id, "email": EMAIL, "name": "Ada Lovelace", "two_factor_enabled": false});
    assert_eq!(reply.body["user"], user);
    assert_eq!(reply.body.as_object().unwrap().len(), 3);
    let wrong = app.program().post("/v1/auth/login", credentials("no")).await;
    assert_eq!(wrong.refusal(), (401, "INVALID_CREDENTIALS"));
}

#[tokio::test]
async fn a_refresh_answers_in_both_shapes_and_works_once() {
    let app = App::new().await;
    register(&app).await;
    let first = log_in(&app).await;
    let refresh = async |token: &str| {
        let body = json!({"refresh_token": token});
        app.program().post("/v1/auth/refresh", body).await
    };
    let reply = refresh(first.text("/refresh_token")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.text("/token"), reply.text("/data/access_token"));
    assert_eq!(reply.text("/token"), reply.text("/data/token"));
    assert_eq!(reply.text("/refresh_token"), reply.text("/data/refresh_token"));
    assert_eq!(reply.body["data"]["expires_in"], 900);
    assert_eq!(reply.text("/meta/requestId"), reply.header("x-request-id"));
    let next = refresh(reply.text("/refresh_token")).await;
    assert_eq!(next.status, 200);
    app.clock.advance(Duration::from_secs(120));
    let replayed = refresh(first.text("/refresh_token")).await;
    assert_eq!(replayed.refusal(), (401, "INVALID_REFRESH_TOKEN"));
}

#[tokio::test]
async fn me_answers_plainly_and_users_me_in_the_envelope() {
    let app = App::new().await;
    let token = register(&app).await.text("/token").to_owned();
    let program = app.program().bearing(&token);
    let plain = program.get("/v1/auth/me").await;
    for (member, value) in [
        ("email", json!(EMAIL)),
        ("name", json!("Ada Lovelace")),
        ("company", json!("Engines")),
        ("plan", json!("free")),
        ("role", json!("user")),
        ("avatar", json!(null)),
        ("two_factor_enabled", json!(false)),
        ("email_verified_at", json!(null)),
    ] {
        assert_eq!(plain.body[member], value, "{member}");
    }
    assert!(plain.text("/created_at").ends_with('Z'));
    assert!(plain.text("/updated_at").ends_with('Z'));
    let wrapped = program.get("/v1/users/me").await;
    assert_eq!(wrapped.body["data"], plain.body);
    assert_eq!(wrapped.text("/meta/requestId"), wrapped.header("x-request-id"));
    for path in ["/v1/auth/me", "/v1/users/me"] {
        assert_eq!(app.program().get(path).await.refusal(), (401, "UNAUTHORIZED"));
    }
}

#[tokio::test]
async fn signing_out_can_end_another_sign_in_of_ones_own_but_nobody_elses() {
    let app = App::new().await;
    register(&app).await;
    let (here, there) = (log_in(&app).await, log_in(&app).await);
    register_as(&app, "bob@example.org").await;
    let body = json!({"email": "bob@example.org", "password": PASSWORD});
    let bob = app.program().post("/v1/auth/login", body).await;
    let refresh = async |token: &str| {
        let body = json!({"refresh_token": token});
        app.program().post("/v1/auth/refresh", body).await.status
    };
    let bobs = app.program().bearing(bob.text("/token"));
    let body = json!({"refresh_token": here.text("/refresh_token")});
    assert_eq!(
        bobs.post("/v1/auth/logout", body).await.body["data"],
        json!({"revoked": true})
    );
    let hers = app.program().bearing(here.text("/token"));
    let body = json!({"refresh_token": there.text("/refresh_token")});
    assert_eq!(hers.post("/v1/auth/logout", body).await.status, 200);
    assert_eq!(refresh(there.text("/refresh_token")).await, 401);
    assert_eq!(refresh(here.text("/refresh_token")).await, 401);
    let again = hers.send(Method::POST, "/v1/auth/logout", None).await;
    assert_eq!(again.refusal(), (401, "UNAUTHORIZED"));
}
