//! The address of an account, and its password.

use http::{StatusCode, header};

use crate::app::letter::{letters, six_digits};
use crate::app::{App, PASSWORD};

const PATH: &str = "/account/email";

/// S11: the new address counts when it was confirmed, and nobody changes it without the password.
#[tokio::test]
async fn an_address_changes_by_password_and_the_mail_to_the_new_one() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    letters(&app).await;
    let new = ("new-email", "countess@example.org");
    let wrong = ada.fill(PATH, &[new, ("email-password", "wrong")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.has_page("email-password-error") && wrong.body.contains("countess@example.org"));
    assert!(letters(&app).await.is_empty());
    let asked = ada.fill(PATH, &[new, ("email-password", PASSWORD)]).await;
    let place = asked.header(header::LOCATION).to_owned();
    assert!(
        place.starts_with("/verify-email?flow=account-email&challenge="),
        "{place}"
    );
    let code = six_digits(&letters(&app).await[0]);
    let waiting = ada.get(PATH).await;
    assert!(waiting.body.contains("Waits to be confirmed") && waiting.body.contains("countess@example.org"));
    let challenge = place.split_once("challenge=").unwrap().1.to_owned();
    let fields = [
        ("challenge", challenge.as_str()),
        ("code", &code),
        ("flow", "account-email"),
    ];
    let done = ada.fill(&place, &fields).await;
    assert!(done.has_page("page-email-confirmed") && done.body.contains("href=\"/account/email\""));
    let page = ada.get(PATH).await;
    assert!(page.body.contains("Confirmed") && !page.body.contains("Waits to be confirmed"));
}

#[tokio::test]
async fn addresses_that_change_nothing_are_refused() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    for (email, words) in [
        ("ADA@example.org ", "This is your address already."),
        ("no address", "This is not an e-mail address."),
    ] {
        let fields = [("new-email", email), ("email-password", PASSWORD)];
        let answer = ada.fill(PATH, &fields).await;
        assert!(
            answer.status == StatusCode::BAD_REQUEST && answer.body.contains(words),
            "{email}"
        );
    }
}

/// S06: a new password ends every other session, and is told to the owner.
#[tokio::test]
async fn a_new_password_signs_out_everywhere_else() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    let mut elsewhere = app.browser();
    elsewhere.log_in("ada", PASSWORD).await;
    letters(&app).await;
    let new = "eleven brass teapots";
    for (old, new, field) in [
        ("wrong", new, "current-password-error"),
        (PASSWORD, "iloveyou", "password-error"),
    ] {
        let fields = [("current-password", old), ("password", new)];
        let answer = ada.fill_form(PATH, "/account/password", &fields).await;
        // The first form of the page is another one.
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let answer = change(&mut ada, old, new).await;
        assert!(
            answer.status == StatusCode::BAD_REQUEST && answer.has_page(field),
            "{}",
            answer.body
        );
        assert!(!answer.body.contains(PASSWORD));
    }
    assert!(elsewhere.is_signed_in().await);
    let changed = change(&mut ada, PASSWORD, new).await;
    assert_eq!(changed.header(header::LOCATION), "/account/email?done=password");
    assert!(ada.is_signed_in().await && !elsewhere.is_signed_in().await);
    assert!(letters(&app).await[0].contains("password was changed"));
    assert_eq!(
        app.browser().log_in("ada", new).await.status,
        StatusCode::SEE_OTHER
    );
}

/// S11: an account without a password gets one from somebody who has just signed in, and from nobody else.
#[tokio::test]
async fn a_first_password_takes_a_sign_in_of_just_now() {
    let app = App::new().await;
    let mut ada = app.browser();
    ada.register("ada").await;
    let user = app.authority.find_user("ada").await.unwrap().unwrap();
    let (id, now) = (user.id, user.updated_at);
    let forget = app
        .authority
        .database
        .write::<_, storage::StorageError, _>(move |w| {
            Box::pin(async move { storage::users::set_password(w, id, None, now).await })
        });
    assert!(forget.await.unwrap());
    app.clock.advance(std::time::Duration::from_secs(301));
    let answer = change(&mut ada, "", "eleven brass teapots").await;
    assert_eq!(answer.header(header::LOCATION), "/login?flow=account-email");
}

async fn change(browser: &mut crate::app::Browser, old: &str, new: &str) -> crate::app::Answer {
    let page = browser.get(PATH).await.body;
    let (_, form) = page.split_once("action=\"/account/password\"").unwrap();
    let (_, rest) = form.split_once("name=\"csrf\" value=\"").unwrap();
    let csrf = rest.split('"').next().unwrap().to_owned();
    let fields = [("current-password", old), ("password", new), ("csrf", &csrf)];
    browser.post("/account/password", &fields).await
}
