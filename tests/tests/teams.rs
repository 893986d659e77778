//! A real browser through teams: an invitation, its mail, a new account, joining, and two accounts to switch between.
//! Leaves pictures of the pages in the ignored folder `screenshots`.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use tests::browser::Browser;
use tests::demo::PASSWORD;
use tests::site::{Site, link_in, picture};

const HOSTILE: &str = "<img src=x onerror=document.title='owned'> & \"Söhne\"";

async fn invite(site: &Site, browser: &Browser, email: &str) -> String {
    browser.fill("email", email).await.unwrap();
    browser.click("invite-submit").await.unwrap();
    browser.sees("done").await.unwrap();
    let letter = site.letter("You are invited").await.unwrap();
    link_in(&letter, "/join").unwrap()
}

#[tokio::test]
async fn a_person_is_invited_registers_joins_and_switches() {
    let site = Site::start().await.unwrap();
    let ada = Browser::start().await.unwrap();
    site.register(&ada, "ada").await.unwrap();
    ada.open(&site.server.url("/account/team")).await.unwrap();
    ada.fill("account-name", HOSTILE).await.unwrap();
    ada.click("account-name-submit").await.unwrap();
    ada.sees("done").await.unwrap();
    let link = invite(&site, &ada, "grace@example.org").await;
    picture(&ada, "team").await.unwrap();

    let grace = Browser::start().await.unwrap();
    grace.open(&link).await.unwrap();
    grace.sees("page-join").await.unwrap();
    picture(&grace, "join-signed-out").await.unwrap();
    let address = grace.arrives_at(&site.server.url("/join")).await.unwrap();
    assert!(address.query().unwrap().contains("token="));
    // S04: nothing in the names ran.
    grace
        .comes_to("document.title.includes('owned')", &serde_json::json!(false))
        .await
        .unwrap();
    grace.click("join-register").await.unwrap();
    grace.sees("page-register").await.unwrap();
    for (id, text) in [
        ("username", "grace"),
        ("email", "grace@example.org"),
        ("password", PASSWORD),
    ] {
        grace.fill(id, text).await.unwrap();
    }
    grace.click("register-submit").await.unwrap();
    grace.sees("page-join").await.unwrap();
    picture(&grace, "join-unconfirmed").await.unwrap();
    grace.click("join-verify").await.unwrap();
    let letter = site.letter("Confirm your e-mail address").await.unwrap();
    let confirm = link_in(&letter, "/verify-email").unwrap();
    grace.open(&confirm).await.unwrap();
    grace.click("verify-email-submit").await.unwrap();
    grace.sees("page-email-confirmed").await.unwrap();
    grace.open(&link).await.unwrap();
    picture(&grace, "join").await.unwrap();
    grace.click("join-submit").await.unwrap();
    grace.sees("page-account-team").await.unwrap();
    picture(&grace, "team-joined").await.unwrap();
    grace.click("accounts-1").await.unwrap();
    grace.sees("page-account-team").await.unwrap();
    grace.close().await.unwrap();
    ada.close().await.unwrap();
}
