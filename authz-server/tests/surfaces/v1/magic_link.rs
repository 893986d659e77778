//! Signing in by a mail.

use std::time::Duration;

use crate::app::App;
use crate::app::json::Reply;
use crate::app::letter::{letters, link};
use crate::people::{EMAIL, register, signed, turn_on};
use serde_json::{Value, json};

async fn ask(app: &App, body: Value) -> Reply {
    app.program().post("/v1/auth/magic-link", body).await
}

async fn verify(app: &App, body: Value) -> Reply {
    app.program().post("/v1/auth/verify", body).await
}

/// The token of the letter that comes.
async fn token(app: &App) -> String {
    let letter = letters(app).await.remove(0);
    let path = link(&letter, "/login/link").path;
    path.split_once("token=").unwrap().1.to_owned()
}

#[tokio::test]
async fn the_token_of_the_mail_becomes_tokens_once() {
    let app = App::new().await;
    register(&app).await;
    letters(&app).await;
    let reply = ask(&app, json!({"email": EMAIL})).await;
    assert_eq!(reply.status, 202);
    assert_eq!(reply.body["data"]["sent"], true);
    let body = json!({"token": token(&app).await});
    let reply = verify(&app, body.clone()).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.body["data"]["token_type"], "Bearer");
    assert_eq!(reply.body["data"]["expires_in"], 900);
    assert_eq!(reply.body["data"]["user"]["email"], EMAIL);
    assert!(reply.body["data"]["user"]["email_verified_at"].is_string());
    let program = app.program().bearing(reply.text("/data/access_token"));
    assert_eq!(program.get("/v1/users/me").await.status, 200);
    let refresh = json!({"refresh_token": reply.text("/data/refresh_token")});
    assert_eq!(app.program().post("/v1/auth/refresh", refresh).await.status, 200);
    assert_eq!(verify(&app, body).await.refusal(), (410, "EXPIRED_TOKEN"));
}

#[tokio::test]
async fn asking_answers_alike_for_everybody_and_only_the_owner_gets_a_mail() {
    let app = App::new().await;
    register(&app).await;
    letters(&app).await;
    let known = ask(&app, json!({"email": EMAIL})).await;
    let unknown = ask(&app, json!({"email": "nobody@example.org"})).await;
    assert_eq!(known.status, unknown.status);
    let members =
        |reply: &Reply| -> Vec<String> { reply.body["data"].as_object().unwrap().keys().cloned().collect() };
    assert_eq!(members(&known), members(&unknown));
    assert_eq!(letters(&app).await.len(), 1);
    let reply = ask(&app, json!({"email": "ada"})).await;
    assert_eq!(reply.refusal(), (400, "INVALID_REQUEST"));
    let elsewhere = json!({"email": EMAIL, "redirect_uri": "https://evil.example/"});
    assert_eq!(ask(&app, elsewhere).await.refusal(), (400, "INVALID_REQUEST"));
}

#[tokio::test]
async fn a_link_can_lead_to_a_page_that_is_allowed() {
    let page = "https://app.example.org/welcome?from=mail";
    let app = App::with(|settings| settings.redirect_uris = vec![page.to_owned()]).await;
    register(&app).await;
    letters(&app).await;
    ask(&app, json!({"email": EMAIL, "redirect_uri": page})).await;
    let letter = letters(&app).await.remove(0);
    let (_, rest) = letter.split_once(&format!("{page}&token=")).expect("the page");
    let token: String = rest
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
        .collect();
    let reply = verify(&app, json!({"token": token})).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

/// The mail is read in another browser, which shows a code to type where it was asked for.
#[tokio::test]
async fn the_code_that_our_page_shows_works_where_it_was_asked_for() {
    let app = App::new().await;
    register(&app).await;
    letters(&app).await;
    let asked = ask(&app, json!({"email": EMAIL})).await;
    let path = format!("/login/link?token={}", token(&app).await);
    let page = app.browser().get(&path).await;
    let (_, rest) = page.body.split_once("id=\"shown-code\"").expect("a code");
    let (_, rest) = rest.split_once('>').unwrap();
    let code = rest.split('<').next().unwrap().trim().to_owned();
    let challenge = asked.text("/data/challenge_id");
    let wrong = json!({"challenge_id": challenge, "code": "x"});
    assert_eq!(verify(&app, wrong).await.refusal(), (410, "EXPIRED_TOKEN"));
    let right = json!({"challenge_id": challenge, "code": code});
    assert_eq!(verify(&app, right).await.status, 200);
}

#[tokio::test]
async fn expired_unknown_and_browsers_own_links_sign_in_no_program() {
    let app = App::new().await;
    register(&app).await;
    letters(&app).await;
    ask(&app, json!({"email": EMAIL})).await;
    let late = token(&app).await;
    app.clock.advance(Duration::from_secs(16 * 60));
    let mut browser = app.browser();
    browser.fill("/login/mail", &[("email", EMAIL)]).await;
    let of_browser = token(&app).await;
    for token in [late.as_str(), "az_ml_unknown", of_browser.as_str()] {
        let reply = verify(&app, json!({"token": token})).await;
        assert_eq!(reply.refusal(), (410, "EXPIRED_TOKEN"), "{token}");
    }
    assert_eq!(verify(&app, json!({})).await.refusal(), (400, "INVALID_REQUEST"));
}

#[tokio::test]
async fn a_mail_is_no_way_around_the_second_step() {
    let app = App::new().await;
    let phone = turn_on(&app, &signed(&app).await).await;
    letters(&app).await;
    ask(&app, json!({"email": EMAIL})).await;
    let reply = verify(&app, json!({"token": token(&app).await})).await;
    assert_eq!(reply.refusal(), (401, "MFA_REQUIRED"));
    let pending = reply.text("/error/details/pending_token");
    let wrong = json!({"pending_token": pending, "totp_code": "000000"});
    assert_eq!(verify(&app, wrong).await.refusal(), (401, "INVALID_CODE"));
    let right = json!({"pending_token": pending, "totp_code": phone.code(&app)});
    let reply = verify(&app, right).await;
    assert_eq!(reply.body["data"]["user"]["two_factor_enabled"], true);
}
