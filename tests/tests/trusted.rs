//! A real browser that is trusted: spared the second step, asked before serious things, and asked again when that ended.
//! Leaves pictures of the pages in the ignored folder `screenshots`.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use tests::browser::Browser;
use tests::demo::PASSWORD;
use tests::site::{Site, log_in, picture, totp_now};

/// A backup code of the second step that is on afterwards.
async fn turn_on(site: &Site, browser: &Browser) -> String {
    let path = "/account/security/authenticator";
    browser.open(&site.server.url(path)).await.unwrap();
    browser.fill("current-password", PASSWORD).await.unwrap();
    browser.leave_by("authenticator-begin").await.unwrap();
    let key = browser.text("shown-key").await.unwrap();
    browser.fill("code", &totp_now(&key).unwrap()).await.unwrap();
    browser.leave_by("authenticator-confirm").await.unwrap();
    let codes = browser.text("shown-list").await.unwrap();
    codes.split_whitespace().next().unwrap().to_owned()
}

async fn sign_out(site: &Site, browser: &Browser) {
    browser.open(&site.server.url("/oauth2/logout")).await.unwrap();
    browser.leave_by("logout-confirm").await.unwrap();
    browser.sees("page-logged-out").await.unwrap();
}

#[tokio::test]
async fn a_person_trusts_a_browser_and_ends_that() {
    let site = Site::start().await.unwrap();
    let browser = Browser::start().await.unwrap();
    site.register(&browser, "ada").await.unwrap();
    let code = turn_on(&site, &browser).await;
    sign_out(&site, &browser).await;
    browser.open(&site.server.url("/login")).await.unwrap();
    log_in(&browser, "ada", PASSWORD).await.unwrap();
    browser.sees("page-second").await.unwrap();
    browser.fill("code", &code).await.unwrap();
    browser.click("trust").await.unwrap();
    picture(&browser, "second-step-trust").await.unwrap();
    browser.leave_by("second-submit").await.unwrap();
    browser.sees("page-home").await.unwrap();
    sign_out(&site, &browser).await;
    browser.open(&site.server.url("/login")).await.unwrap();
    log_in(&browser, "ada", PASSWORD).await.unwrap();
    browser.sees("page-home").await.unwrap();
    for (path, page, name) in [
        ("/account/delete", "code", "account-delete-code"),
        ("/account/email", "code", "account-email-code"),
        ("/account/security/authenticator", "code", "authenticator-code"),
        ("/account/security", "trusted", "security-trusted"),
    ] {
        browser.open(&site.server.url(path)).await.unwrap();
        browser.sees(page).await.unwrap();
        picture(&browser, name).await.unwrap();
    }
    browser.leave_by("trusted-revoke-all").await.unwrap();
    browser.sees("done").await.unwrap();
    picture(&browser, "security-trusted-done").await.unwrap();
    sign_out(&site, &browser).await;
    browser.open(&site.server.url("/login")).await.unwrap();
    log_in(&browser, "ada", PASSWORD).await.unwrap();
    browser.sees("page-second").await.unwrap();
    browser.close().await.unwrap();
}
