//! Browsers that an account has seen before, and those it has not.

use http::StatusCode;

use crate::app::letter::letters;
use crate::app::{App, PASSWORD};

#[tokio::test]
async fn a_sign_in_from_a_new_device_is_told_to_the_owner_and_from_a_known_one_is_not() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    letters(&app).await;
    ada.log_in("ada", PASSWORD).await;
    assert!(letters(&app).await.is_empty());
    let mut new = app.browser_at("203.0.113.9");
    new.log_in("ada", PASSWORD).await;
    let told = letters(&app).await;
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains("New sign-in") && told[0].contains("203.0.113.9"),
        "{}",
        told[0]
    );
    // Known now, also after signing out.
    new.cookies.remove("session");
    new.log_in("ada", PASSWORD).await;
    assert!(letters(&app).await.is_empty());
}

/// L02: strangers block the account for themselves; the owner gets in where they have been before.
#[tokio::test]
async fn strangers_can_t_lock_the_owner_out_of_a_known_device() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    ada.cookies.remove("session");
    for guess in 0..11 {
        let mut stranger = app.browser_at(&format!("198.51.100.{guess}"));
        stranger.log_in("ada", "wrong").await;
    }
    let mut elsewhere = app.browser_at("203.0.113.9");
    let blocked = elsewhere.log_in("ada", PASSWORD).await;
    assert_eq!(blocked.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ada.log_in("ada", PASSWORD).await.status, StatusCode::SEE_OTHER);
    assert!(ada.is_signed_in().await);
}

/// L02: a known device has its own ten attempts, not any number of them.
#[tokio::test]
async fn guesses_on_a_known_device_are_counted_too() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    ada.cookies.remove("session");
    for _ in 0..10 {
        assert_eq!(ada.log_in("ada", "wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(
        ada.log_in("ada", PASSWORD).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
}
