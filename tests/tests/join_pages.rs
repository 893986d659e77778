//! Invitations into a team in a real browser: by somebody new, by the wrong person, twice, too late.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use testkit::letter::six_digits;
use tests::browser::Browser;
use tests::demo::PASSWORD;
use tests::site::{Site, log_in, picture};

const GRACE: (&str, &str) = ("grace@example.com", "member");
const CONFIRM: &str = "Confirm your e-mail";

/// Somebody whose team others are invited into, in a browser that stays open.
async fn owner() -> (Site, Browser) {
    let (site, browser) = (Site::start().await.unwrap(), Browser::start().await.unwrap());
    site.register(&browser, "ada").await.unwrap();
    (site, browser)
}

async fn join(browser: &Browser) {
    browser.sees("join-submit").await.unwrap();
    picture(browser, "join").await.unwrap();
    browser.leave_by("join-submit").await.unwrap();
    browser.sees("page-account-team").await.unwrap();
    let said = browser.text("done").await.unwrap();
    assert!(said.contains("you are a member"), "{said}");
}

/// Makes the account that the page asks for, confirms its address by a code, and comes back to the invitation each time.
async fn sign_up(site: &Site, browser: &Browser) {
    browser.leave_by("join-register").await.unwrap();
    browser.sees("page-register").await.unwrap();
    for (field, text) in [
        ("name", "Grace Hopper"),
        ("username", "grace"),
        ("email", GRACE.0),
        ("password", PASSWORD),
    ] {
        browser.fill(field, text).await.unwrap();
    }
    browser.leave_by("register-submit").await.unwrap();
    browser.sees("join-verify").await.unwrap();
    picture(browser, "join-unconfirmed").await.unwrap();
    // The letter of the registration; the page sends another one.
    site.letter_to(GRACE.0, CONFIRM).await.unwrap();
    site.server.run(&["outbox", "clear", "--yes"]).unwrap();
    browser.leave_by("join-verify").await.unwrap();
    browser.leave_by("verify-email-send").await.unwrap();
    let letter = site.letter_to(GRACE.0, CONFIRM).await.unwrap();
    browser.fill("code", six_digits(&letter).unwrap()).await.unwrap();
    browser.leave_by("verify-email-code-submit").await.unwrap();
    browser.sees("page-email-confirmed").await.unwrap();
    browser.click_first("a[href^='/join?flow=']").await.unwrap();
}

async fn signs_up_and_joins(grace: Browser) {
    let (site, ada) = owner().await;
    let invitation = site.invite(&ada, GRACE).await.unwrap();
    grace.open(&invitation).await.unwrap();
    grace.sees("page-join").await.unwrap();
    picture(&grace, "join-signed-out").await.unwrap();
    sign_up(&site, &grace).await;
    join(&grace).await;
    picture(&grace, "team").await.unwrap();
    ada.open(&site.server.url("/account/team")).await.unwrap();
    assert!(ada.text("members").await.unwrap().contains("Grace Hopper"));
    // Once more: the link has done what it can, and says so.
    grace.open(&invitation).await.unwrap();
    grace.sees("page-join-dead").await.unwrap();
    picture(&grace, "join-dead").await.unwrap();
    grace.click_first("main a[href='/account/team']").await.unwrap();
    grace.sees("page-account-team").await.unwrap();
    grace.close().await.unwrap();
    ada.close().await.unwrap();
}

#[tokio::test]
async fn somebody_new_signs_up_confirms_and_joins_once() {
    signs_up_and_joins(Browser::start().await.unwrap()).await;
}

#[tokio::test]
async fn somebody_new_without_scripts_signs_up_confirms_and_joins_once() {
    signs_up_and_joins(Browser::start_without_scripts().await.unwrap()).await;
}

/// Who has an account already only signs in; whoever else is signed in there is asked to change.
#[tokio::test]
async fn the_wrong_account_is_told_and_the_right_one_signs_in_and_joins() {
    let (site, ada) = owner().await;
    let browser = Browser::start().await.unwrap();
    site.register_confirmed(&browser, "grace").await.unwrap();
    browser.client().delete_all_cookies().await.unwrap();
    site.register(&browser, "eve").await.unwrap();
    let invitation = site.invite(&ada, GRACE).await.unwrap();
    browser.open(&invitation).await.unwrap();
    browser.sees("join-sign-out").await.unwrap();
    picture(&browser, "join-wrong").await.unwrap();
    let shown = browser.text("page-join").await.unwrap();
    assert!(
        shown.contains("eve@example.com") && !shown.contains(GRACE.0),
        "{shown}"
    );
    browser.leave_by("join-login").await.unwrap();
    log_in(&browser, "grace", PASSWORD).await.unwrap();
    join(&browser).await;
    browser.close().await.unwrap();
    ada.close().await.unwrap();
}

/// What was true when the page was opened is judged again when the button is pressed.
#[tokio::test]
async fn a_withdrawn_invitation_joins_nobody_who_looks_at_it_still() {
    let (site, ada) = owner().await;
    let browser = Browser::start().await.unwrap();
    site.register_confirmed(&browser, "grace").await.unwrap();
    let invitation = site.invite(&ada, GRACE).await.unwrap();
    browser.open(&invitation).await.unwrap();
    browser.sees("join-submit").await.unwrap();
    ada.leave_by("invitations-1").await.unwrap();
    ada.sees("page-account-team-invitation").await.unwrap();
    picture(&ada, "team-invitation").await.unwrap();
    ada.leave_by("invitation-withdraw").await.unwrap();
    ada.sees("done").await.unwrap();
    browser.leave_by("join-submit").await.unwrap();
    browser.sees("page-join-dead").await.unwrap();
    browser.close().await.unwrap();
    ada.close().await.unwrap();
}
