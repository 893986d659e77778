//! `/register`.

use authz_server::pages::csrf;
use http::{StatusCode, header};

use crate::app::{App, PASSWORD};

#[tokio::test]
async fn a_new_account_is_signed_in_at_once() {
    let app = App::new().await;
    let mut browser = app.browser();
    let answer = browser.register("ada").await;
    assert_eq!(
        (answer.status, answer.header(header::LOCATION)),
        (StatusCode::SEE_OTHER, "/")
    );
    let home = browser.get("/").await;
    assert!(home.has_page("page-home") && home.body.contains("ada@example.org"));
}

/// L06: each refused field says why; everything but the password is kept.
#[tokio::test]
async fn a_refused_form_keeps_what_was_typed_but_the_password() {
    let app = App::new().await;
    app.browser().register("ada").await;
    let fields = [
        ("username", "ada"),
        ("email", "ada@example.org"),
        ("name", "Ada L."),
        ("password", "iloveyou"),
    ];
    let answer = app.browser().fill("/register", &fields).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.has_page("page-register"));
    for id in ["username-error", "email-error", "password-error"] {
        assert!(answer.has_page(id), "{id}");
    }
    for kept in ["value=\"ada\"", "value=\"ada@example.org\"", "value=\"Ada L.\""] {
        assert!(answer.body.contains(kept), "{kept}");
    }
    assert!(!answer.body.contains("iloveyou"));
}

/// L07
#[tokio::test]
async fn an_overlong_password_is_refused_before_any_hashing() {
    let app = App::new().await;
    let long = "x".repeat(1025);
    let fields = [
        ("username", "ada"),
        ("email", "ada@example.org"),
        ("password", &long),
    ];
    let answer = app.browser().fill("/register", &fields).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.has_page("password-error"));
    assert_eq!(app.authority.hasher.figures().done, 0);
}

#[tokio::test]
async fn closed_registration_has_neither_page_nor_link_nor_door() {
    let app = App::with(|settings| settings.registration.open = false).await;
    let mut browser = app.browser();
    assert_eq!(browser.get("/register").await.status, StatusCode::FORBIDDEN);
    let login = browser.get("/login").await;
    assert!(!login.body.contains("/register"));
    assert!(!browser.get("/").await.body.contains("/register"));
    let csrf = csrf::token(&app.authority, &browser.cookies["browser"], "", "/register");
    let fields = [
        ("username", "ada"),
        ("email", "ada@example.org"),
        ("password", PASSWORD),
        ("csrf", &csrf),
    ];
    let answer = browser.post("/register", &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("Registration is closed"));
    assert!(app.authority.find_user("ada").await.unwrap().is_none());
}

/// S01
#[tokio::test]
async fn registering_while_signed_in_ends_the_session_before() {
    let app = App::new().await;
    let mut browser = app.browser();
    browser.register("ada").await;
    let mut copy = browser.clone();
    assert!(copy.is_signed_in().await);
    let answer = browser.register("bob").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(browser.is_signed_in().await);
    assert!(
        !copy.is_signed_in().await,
        "a copy of the earlier cookie still works"
    );
}

/// Registering tells which addresses have accounts and costs a hash, so a network has so many tries (L04, L01).
#[tokio::test]
async fn one_address_sends_so_many_forms_and_then_waits() {
    let app = App::with(|settings| {
        settings.registration.throttle.free_attempts = 3;
        settings.passwords.min_length = 12;
    })
    .await;
    let mut browser = app.browser();
    assert!(
        browser
            .get("/register")
            .await
            .body
            .contains("At least 12 characters")
    );
    for name in ["ada", "ada", "bob"] {
        assert_ne!(browser.register(name).await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    let hashed = app.authority.hasher.figures().done;
    let answer = app.browser().register("eve").await;
    assert_eq!(
        (answer.status, answer.header(header::RETRY_AFTER)),
        (StatusCode::TOO_MANY_REQUESTS, "30")
    );
    assert!(answer.has_page("page-register") && answer.body.contains("value=\"eve\""));
    assert_eq!(app.authority.hasher.figures().done, hashed);
    let elsewhere = app.browser_at("198.51.100.7").register("eve").await;
    assert_eq!(elsewhere.status, StatusCode::SEE_OTHER);
    app.clock.advance(std::time::Duration::from_secs(31));
    assert_eq!(browser.register("joe").await.status, StatusCode::SEE_OTHER);
}
