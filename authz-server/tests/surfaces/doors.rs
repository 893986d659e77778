//! One person at many doors: what begins at one counts at all, and what ends at one has ended everywhere.

use std::time::Duration;

use http::Method;
use serde_json::json;

use crate::app::{App, PASSWORD};
use crate::people::{LOGINS, ME, credentials, register, signed, turn_on};

#[tokio::test]
async fn a_token_of_any_surface_works_at_every_me() {
    let app = App::new().await;
    register(&app).await;
    for (login, token) in LOGINS {
        let reply = app.program().post(login, credentials(PASSWORD)).await;
        let program = app.program().bearing(reply.text(token));
        for me in ME {
            assert_eq!(program.get(me).await.status, 200, "{login} {me}");
        }
    }
}

#[tokio::test]
async fn logging_out_at_one_door_ends_the_token_at_all() {
    let app = App::new().await;
    register(&app).await;
    for logout in ["/api/logout", "/api/auth/logout", "/v1/auth/logout"] {
        let reply = app.program().post("/v1/auth/login", credentials(PASSWORD)).await;
        let program = app.program().bearing(reply.text("/token"));
        assert_eq!(program.send(Method::POST, logout, None).await.status, 200);
        for me in ME {
            assert_eq!(program.get(me).await.status, 401, "{logout} {me}");
        }
        let refresh = json!({"refresh_token": reply.text("/refresh_token")});
        let reply = app.program().post("/v1/auth/refresh", refresh).await;
        assert_eq!(reply.refusal(), (401, "INVALID_REFRESH_TOKEN"));
    }
}

#[tokio::test]
async fn failures_at_one_door_count_at_the_others() {
    let app = App::new().await;
    register(&app).await;
    let mut answers = Vec::new();
    for turn in 0..40 {
        let (login, _) = LOGINS[turn % LOGINS.len()];
        answers.push(app.program().post(login, credentials("not the password")).await);
    }
    assert_eq!(answers.last().unwrap().status, 429);
    for (login, _) in LOGINS {
        let reply = app.program().post(login, credentials(PASSWORD)).await;
        assert_eq!(reply.status, 429, "{login}");
        assert!(reply.header("retry-after").parse::<u64>().unwrap() > 0);
    }
}

#[tokio::test]
async fn an_unconfirmed_address_is_told_to_whoever_has_the_password() {
    let app = App::with(|settings| settings.registration.confirm_email = true).await;
    let body = json!({"email": "ada@example.org", "password": PASSWORD, "name": "Ada"});
    let reply = app.program().post("/v1/auth/register", body).await;
    assert_eq!(reply.status, 202);
    for (login, _) in LOGINS {
        let reply = app.program().post(login, credentials(PASSWORD)).await;
        let (status, code) = reply.refusal();
        assert_eq!(
            (status, code.to_lowercase().as_str()),
            (401, "email_not_verified"),
            "{login}"
        );
        let reply = app.program().post(login, credentials("not the password")).await;
        assert_eq!(reply.refusal().1.to_lowercase(), "invalid_credentials");
    }
}

#[tokio::test]
async fn tokens_of_documents_without_renewal_live_half_a_day() {
    let app = App::new().await;
    let registered = signed(&app).await;
    let reply = app.program().post("/api/login", credentials(PASSWORD)).await;
    let program = app.program().bearing(reply.text("/token"));
    app.clock.advance(Duration::from_secs(12 * 3600 - 60));
    assert_eq!(program.get("/api/session").await.status, 200);
    assert_eq!(registered.get("/v1/auth/me").await.status, 200);
    app.clock.advance(Duration::from_secs(120));
    assert_eq!(program.get("/api/session").await.refusal(), (401, "unauthorized"));
    assert_eq!(
        registered.get("/v1/auth/me").await.refusal(),
        (401, "UNAUTHORIZED")
    );
}

#[tokio::test]
async fn no_door_leads_past_the_second_step() {
    let app = App::new().await;
    let program = signed(&app).await;
    let phone = turn_on(&app, &program).await;
    for (login, token) in LOGINS {
        let reply = app.program().post(login, credentials(PASSWORD)).await;
        if login == "/auth/login" {
            assert_eq!(reply.body["requires_2fa"], true);
        } else {
            let (status, code) = reply.refusal();
            assert_eq!((status, code.to_lowercase().as_str()), (401, "mfa_required"));
            assert!(!reply.text("/error/details/pending_token").is_empty());
        }
        let mut wrong = credentials(PASSWORD);
        wrong["totp_code"] = json!("000000");
        wrong["totpCode"] = json!("000000");
        assert_eq!(app.program().post(login, wrong).await.status, 401, "{login}");
        let (code, mut right) = (phone.code(&app), credentials(PASSWORD));
        right["totp_code"] = json!(code);
        right["totpCode"] = json!(code);
        let reply = app.program().post(login, right.clone()).await;
        assert!(!reply.text(token).is_empty(), "{login}");
        // Each code once, whatever the door.
        assert_eq!(app.program().post(login, right).await.status, 401, "{login}");
    }
}

#[tokio::test]
async fn an_account_that_is_to_be_deleted_goes_on_until_then() {
    let app = App::new().await;
    let program = signed(&app).await;
    let reply = program.delete("/v1/users/me").await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    for (login, token) in LOGINS {
        let reply = app.program().post(login, credentials(PASSWORD)).await;
        let program = app.program().bearing(reply.text(token));
        for me in ME {
            assert_eq!(program.get(me).await.status, 200, "{login} {me}");
        }
    }
    let me = program.get("/v1/auth/me").await;
    assert!(me.text("/deletion_scheduled_for").ends_with('Z'));
}
