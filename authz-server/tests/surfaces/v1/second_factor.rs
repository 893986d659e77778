//! The second step, on and off.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::app::letter::letters;
use crate::app::{App, PASSWORD};
use crate::people::{Phone, credentials, log_in, signed, turn_on};

const SETUP: &str = "/v1/auth/2fa/setup";

#[tokio::test]
async fn a_setup_shows_the_secret_as_text_as_address_and_as_a_picture() {
    let app = App::new().await;
    let program = signed(&app).await;
    let seed = program.send(Method::POST, SETUP, None).await;
    assert_eq!(seed.status, 200);
    let (secret, address) = (seed.text("/secret"), seed.text("/qr_code_url"));
    assert!(
        secret.len() >= 32
            && secret
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    );
    assert!(address.starts_with("otpauth://totp/Lighthouse:ada%40example.org?"));
    assert!(address.contains(secret));
    assert!(seed.text("/qr_code_svg").starts_with("<svg"));
    // Nothing is on before the first code.
    let me = program.get("/v1/auth/me").await;
    assert_eq!(me.body["two_factor_enabled"], false);
}

#[tokio::test]
async fn the_first_code_turns_it_on_and_its_owner_hears_of_it() {
    let app = App::new().await;
    let program = signed(&app).await;
    letters(&app).await;
    let phone = turn_on(&app, &program).await;
    assert_eq!(phone.backup.len(), 10);
    let told = letters(&app).await;
    assert!(
        told.iter()
            .any(|letter| letter.contains("authenticator app was added"))
    );
    let me = program.get("/v1/auth/me").await;
    assert_eq!(me.body["two_factor_enabled"], true);
    let mut body = credentials(PASSWORD);
    body["totp_code"] = json!(phone.code(&app));
    let reply = app.program().post("/v1/auth/login", body).await;
    assert_eq!(reply.body["user"]["two_factor_enabled"], true);
}

#[tokio::test]
async fn a_wrong_code_turns_nothing_on_and_a_late_one_neither() {
    let app = App::new().await;
    let program = signed(&app).await;
    let verify = async |code: &str| program.post("/v1/auth/2fa/verify", json!({"code": code})).await;
    assert_eq!(verify("123456").await.refusal(), (410, "EXPIRED_TOKEN"));
    let seed = program.send(Method::POST, SETUP, None).await;
    let phone = Phone::reading(seed.text("/secret"));
    assert_eq!(verify("000000").await.refusal(), (400, "INVALID_CODE"));
    app.clock.advance(Duration::from_secs(16 * 60));
    assert_eq!(verify(&phone.code(&app)).await.refusal(), (410, "EXPIRED_TOKEN"));
}

/// L11
#[tokio::test]
async fn what_is_on_is_replaced_with_the_password_only() {
    let app = App::new().await;
    let program = signed(&app).await;
    turn_on(&app, &program).await;
    let without = program.send(Method::POST, SETUP, None).await;
    assert_eq!(without.refusal(), (403, "PASSWORD_REQUIRED"));
    let wrong = program.post(SETUP, json!({"password": "not it"})).await;
    assert_eq!(wrong.refusal(), (403, "INVALID_PASSWORD"));
    let right = program.post(SETUP, json!({"password": PASSWORD})).await;
    assert_eq!(right.status, 200);
}

#[tokio::test]
async fn turning_it_off_takes_password_and_code_and_ends_the_other_sessions() {
    let app = App::new().await;
    let program = signed(&app).await;
    let elsewhere = app.program().bearing(log_in(&app).await.text("/token"));
    let phone = turn_on(&app, &program).await;
    let off = async |password: &str, code: &str| {
        let body = json!({"password": password, "code": code});
        program.post("/v1/auth/2fa/disable", body).await
    };
    assert_eq!(
        off("not it", &phone.code(&app)).await.refusal(),
        (403, "INVALID_PASSWORD")
    );
    assert_eq!(
        off("", &phone.code(&app)).await.refusal(),
        (403, "INVALID_PASSWORD")
    );
    assert_eq!(off(PASSWORD, "000000").await.refusal(), (400, "INVALID_CODE"));
    let reply = off(PASSWORD, &phone.code(&app)).await;
    assert_eq!(reply.body, json!({"message_code": "2fa_disabled"}));
    assert_eq!(elsewhere.get("/v1/auth/me").await.status, 401);
    assert_eq!(program.get("/v1/auth/me").await.body["two_factor_enabled"], false);
}

#[tokio::test]
async fn it_is_nobodys_business_but_a_signed_in_persons() {
    let app = App::new().await;
    for (path, body) in [
        (SETUP, json!({})),
        ("/v1/auth/2fa/verify", json!({"code": "123456"})),
        ("/v1/auth/2fa/disable", json!({"password": "x", "code": "123456"})),
    ] {
        let reply = app.program().post(path, body).await;
        assert_eq!(reply.refusal(), (401, "UNAUTHORIZED"), "{path}");
    }
    let program = signed(&app).await;
    let reply = program
        .post("/v1/auth/2fa/verify", json!({"code": 123_456}))
        .await;
    assert_eq!(reply.refusal(), (400, "INVALID_REQUEST"));
}

/// S11: nobody with a stolen token becomes the owner by adding a phone of their own.
#[tokio::test]
async fn a_phone_of_somebody_else_makes_a_session_left_open_no_fresher() {
    let app = App::new().await;
    let program = signed(&app).await;
    app.clock.advance(Duration::from_secs(6 * 60));
    turn_on(&app, &program).await;
    let reply = program
        .patch("/v1/users/me", json!({"email": "thief@example.org"}))
        .await;
    assert_eq!(reply.refusal(), (403, "RECENT_SIGN_IN_REQUIRED"));
    let reply = program.delete("/v1/users/me").await;
    assert_eq!(reply.refusal(), (403, "RECENT_SIGN_IN_REQUIRED"));
}
