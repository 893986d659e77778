//! A real browser on the real pages: register, log in, consent, deny, wrong password, two tabs, logout.
//! Leaves pictures of each page at two widths and in both themes in the ignored folder `screenshots`.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use tests::browser::Browser;
use tests::demo::PASSWORD;
use tests::site::{Site, html_of, link_in, log_in, picture, totp_now};

#[tokio::test]
async fn a_person_registers_denies_and_consents() {
    let site = Site::start().await.unwrap();
    let browser = Browser::start().await.unwrap();
    browser.open(&site.server.url("/register")).await.unwrap();
    browser.sees("page-register").await.unwrap();
    picture(&browser, "register").await.unwrap();
    site.register(&browser, "ada").await.unwrap();
    picture(&browser, "home").await.unwrap();
    browser
        .open(&site.authorization(&[("state", "one")]).unwrap())
        .await
        .unwrap();
    browser.sees("page-consent").await.unwrap();
    picture(&browser, "consent").await.unwrap();
    browser.leave_by("consent-deny").await.unwrap();
    let denied = site.arrives(&browser).await.unwrap();
    assert!(
        denied.contains("error=access_denied") && denied.contains("state=one"),
        "{denied}"
    );
    browser
        .open(&site.authorization(&[("state", "two")]).unwrap())
        .await
        .unwrap();
    browser.sees("page-consent").await.unwrap();
    browser.leave_by("consent-approve").await.unwrap();
    let approved = site.arrives(&browser).await.unwrap();
    assert!(
        approved.contains("code=") && approved.contains("state=two"),
        "{approved}"
    );
    browser
        .open(&site.authorization_to("https://evil.test/", &[]).unwrap())
        .await
        .unwrap();
    browser.sees("page-error").await.unwrap();
    picture(&browser, "error").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_told_and_logout_ends_the_session() {
    let site = Site::start().await.unwrap();
    let browser = Browser::start().await.unwrap();
    site.register(&browser, "ada").await.unwrap();
    browser
        .open(
            &site
                .authorization(&[("prompt", "login"), ("state", "three")])
                .unwrap(),
        )
        .await
        .unwrap();
    browser.sees("page-login").await.unwrap();
    picture(&browser, "login").await.unwrap();
    log_in(&browser, "ada", "not the password").await.unwrap();
    browser.sees("form-error").await.unwrap();
    picture(&browser, "login-wrong").await.unwrap();
    log_in(&browser, "ada", PASSWORD).await.unwrap();
    browser.sees("page-consent").await.unwrap();
    browser.open(&site.server.url("/oauth2/logout")).await.unwrap();
    browser.sees("page-logout").await.unwrap();
    picture(&browser, "logout").await.unwrap();
    browser.leave_by("logout-confirm").await.unwrap();
    browser.sees("page-logged-out").await.unwrap();
    picture(&browser, "logged-out").await.unwrap();
    browser.open(&site.authorization(&[]).unwrap()).await.unwrap();
    browser.sees("page-login").await.unwrap();
    browser.leave_by("login-cancel").await.unwrap();
    let cancelled = site.arrives(&browser).await.unwrap();
    assert!(cancelled.contains("error=access_denied"), "{cancelled}");
    browser.close().await.unwrap();
}

/// Several flows in several tabs at once: each ends where it began.
#[tokio::test]
async fn two_tabs_finish_their_own_flows() {
    let site = Site::start().await.unwrap();
    let browser = Browser::start().await.unwrap();
    site.register(&browser, "bob").await.unwrap();
    let client = browser.client();
    let first = client.window().await.unwrap();
    browser
        .open(
            &site
                .authorization(&[("prompt", "login"), ("state", "first")])
                .unwrap(),
        )
        .await
        .unwrap();
    browser.sees("page-login").await.unwrap();
    let second = client.new_window(true).await.unwrap();
    client.switch_to_window(second.handle).await.unwrap();
    browser
        .open(
            &site
                .authorization(&[("prompt", "login"), ("state", "second")])
                .unwrap(),
        )
        .await
        .unwrap();
    log_in(&browser, "bob", PASSWORD).await.unwrap();
    browser.sees("page-consent").await.unwrap();
    browser.leave_by("consent-approve").await.unwrap();
    let landed = site.arrives(&browser).await.unwrap();
    assert!(landed.contains("state=second"), "{landed}");
    client.switch_to_window(first).await.unwrap();
    log_in(&browser, "bob", PASSWORD).await.unwrap();
    let landed = site.arrives(&browser).await.unwrap();
    assert!(landed.contains("state=first"), "{landed}");
    browser.close().await.unwrap();
}

/// The answer as a form that submits itself.
#[tokio::test]
async fn form_post_arrives_as_a_post() {
    let site = Site::start().await.unwrap();
    let browser = Browser::start().await.unwrap();
    site.register(&browser, "eve").await.unwrap();
    let posted = [("response_mode", "form_post"), ("state", "posted")];
    browser.open(&site.authorization(&posted).unwrap()).await.unwrap();
    browser.sees("page-consent").await.unwrap();
    browser.leave_by("consent-approve").await.unwrap();
    assert_eq!(site.arrives(&browser).await.unwrap(), "");
    assert!(browser.client().source().await.unwrap().contains("POST"));
    browser.close().await.unwrap();
}

/// Signing in by a mail, with the letter as its reader sees it; then the second step, from set-up to sign-in.
#[tokio::test]
async fn a_person_signs_in_by_mail_and_turns_two_step_sign_in_on() {
    let site = Site::start().await.unwrap();
    let browser = Browser::start().await.unwrap();
    site.register(&browser, "ada").await.unwrap();
    let letter = site.letter("Confirm your e-mail address").await.unwrap();
    show_letter(&browser, &letter, "letter-confirm").await;
    browser
        .open(&link_in(&letter, "/verify-email").unwrap())
        .await
        .unwrap();
    browser.sees("page-verify-email-link").await.unwrap();
    picture(&browser, "verify-email-link").await.unwrap();
    browser.leave_by("verify-email-submit").await.unwrap();
    browser.sees("page-email-confirmed").await.unwrap();
    picture(&browser, "email-confirmed").await.unwrap();

    let key = turn_on(&site, &browser).await;
    browser.open(&site.server.url("/oauth2/logout")).await.unwrap();
    browser.leave_by("logout-confirm").await.unwrap();
    browser.sees("page-logged-out").await.unwrap();

    browser
        .open(&site.authorization(&[("state", "mail")]).unwrap())
        .await
        .unwrap();
    browser.sees("page-login").await.unwrap();
    browser.leave_by("login-by-mail").await.unwrap();
    browser.sees("page-login-mail").await.unwrap();
    picture(&browser, "login-mail").await.unwrap();
    browser.fill("email", "ada@example.com").await.unwrap();
    browser.leave_by("login-mail-submit").await.unwrap();
    browser.sees("page-login-code").await.unwrap();
    picture(&browser, "login-code").await.unwrap();
    let letter = site.letter("Sign in to").await.unwrap();
    browser
        .open(&link_in(&letter, "/login/link").unwrap())
        .await
        .unwrap();
    browser.sees("page-login-link").await.unwrap();
    picture(&browser, "login-link").await.unwrap();
    browser.leave_by("login-link-submit").await.unwrap();
    browser.sees("page-second").await.unwrap();
    picture(&browser, "second-step").await.unwrap();
    browser.fill("code", "000000").await.unwrap();
    browser.leave_by("second-submit").await.unwrap();
    browser.sees("form-error").await.unwrap();
    browser.fill("code", &key).await.unwrap();
    browser.leave_by("second-submit").await.unwrap();
    browser.sees("page-consent").await.unwrap();
    browser.leave_by("consent-approve").await.unwrap();
    assert!(site.arrives(&browser).await.unwrap().contains("state=mail"));
    show_letter(&browser, &letter, "letter-sign-in").await;
    let letter = site.letter("Two-step sign-in").await.unwrap();
    show_letter(&browser, &letter, "letter-two-step").await;
    browser.close().await.unwrap();
}

/// A backup code of the second step that is on afterwards: one that needs no clock.
async fn turn_on(site: &Site, browser: &Browser) -> String {
    browser
        .open(&site.server.url("/account/security/authenticator"))
        .await
        .unwrap();
    browser.sees("page-authenticator-password").await.unwrap();
    picture(browser, "authenticator-password").await.unwrap();
    browser.fill("current-password", PASSWORD).await.unwrap();
    browser.leave_by("authenticator-begin").await.unwrap();
    browser.sees("page-authenticator").await.unwrap();
    picture(browser, "authenticator").await.unwrap();
    let key = browser.text("shown-key").await.unwrap();
    browser.fill("code", &totp_now(&key).unwrap()).await.unwrap();
    browser.leave_by("authenticator-confirm").await.unwrap();
    browser.sees("page-backup-codes").await.unwrap();
    picture(browser, "backup-codes").await.unwrap();
    let codes = browser.text("shown-list").await.unwrap();
    browser.open(&site.server.url("/account/security")).await.unwrap();
    browser.sees("page-security").await.unwrap();
    picture(browser, "security").await.unwrap();
    codes.split_whitespace().next().unwrap().to_owned()
}

/// Every page of the account area, as it is and when something is refused.
#[tokio::test]
async fn a_person_looks_after_their_account() {
    let site = Site::start().await.unwrap();
    let browser = Browser::start().await.unwrap();
    browser.open(&site.server.url("/account/profile")).await.unwrap();
    browser.sees("page-login").await.unwrap();
    site.register(&browser, "ada").await.unwrap();
    for (path, page) in [
        ("/account", "page-account"),
        ("/account/email", "page-account-email"),
        ("/account/sessions", "page-account-sessions"),
        ("/account/applications", "page-account-applications"),
        ("/account/history", "page-account-history"),
        ("/account/data", "page-account-data"),
        ("/account/delete", "page-account-delete"),
        ("/account/profile", "page-account-profile"),
    ] {
        browser.open(&site.server.url(path)).await.unwrap();
        browser.sees(page).await.unwrap();
        picture(&browser, page.strip_prefix("page-").unwrap())
            .await
            .unwrap();
    }
    browser.fill("website", "no website").await.unwrap();
    browser.leave_by("profile-submit").await.unwrap();
    browser.sees("website-error").await.unwrap();
    picture(&browser, "account-profile-refused").await.unwrap();
    browser.fill("website", "https://ada.example/").await.unwrap();
    browser.leave_by("profile-submit").await.unwrap();
    browser.sees("done").await.unwrap();
    browser.open(&site.server.url("/account/delete")).await.unwrap();
    browser.fill("current-password", PASSWORD).await.unwrap();
    browser.leave_by("delete-submit").await.unwrap();
    browser.sees("deletion-pending").await.unwrap();
    picture(&browser, "account-leaving").await.unwrap();
    browser.leave_by("deletion-cancel").await.unwrap();
    browser.sees("page-account").await.unwrap();
    browser.close().await.unwrap();
}

/// The letter as a mail program shows it.
async fn show_letter(browser: &Browser, letter: &str, name: &str) {
    let file = tempfile::Builder::new().suffix(".html").tempfile().unwrap();
    let html = format!("<!DOCTYPE html>{}</html>", html_of(letter).unwrap());
    std::fs::write(file.path(), html).unwrap();
    browser
        .open(&format!("file://{}", file.path().display()))
        .await
        .unwrap();
    picture(browser, name).await.unwrap();
}

/// Searches the console and opens the one who is found.
async fn find_user(browser: &Browser, site: &Site, name: &str) {
    browser.open(&site.server.url("/admin/users")).await.unwrap();
    browser.sees("page-admin-users").await.unwrap();
    browser.fill("q", name).await.unwrap();
    browser.leave_by("search-submit").await.unwrap();
    let found = fantoccini::Locator::Css("#users tbody tr:only-child th a");
    let link = browser.client().wait().for_element(found).await.unwrap();
    link.click().await.unwrap();
    browser.sees("page-admin-user").await.unwrap();
}

async fn do_it(browser: &Browser, link: &str) {
    browser.leave_by(link).await.unwrap();
    browser.sees("confirm-submit").await.unwrap();
    browser.leave_by("confirm-submit").await.unwrap();
}

/// An administrator shuts and opens an account, makes a client and rotates the keys, without a script.
#[tokio::test]
async fn an_administrator_works_at_the_console() {
    let site = Site::start().await.unwrap();
    let browser = Browser::start().await.unwrap();
    site.register(&browser, "ada").await.unwrap();
    let made = [
        "users",
        "create",
        "--email",
        "root@example.com",
        "--name",
        "Grace Hopper",
        "--admin",
    ];
    let made = site.server.run(&made).unwrap();
    let password = made.rsplit(": ").next().unwrap().trim().to_owned();
    browser.client().delete_all_cookies().await.unwrap();
    browser.open(&site.server.url("/admin")).await.unwrap();
    log_in(&browser, "root@example.com", &password).await.unwrap();
    browser.sees("page-admin").await.unwrap();
    picture(&browser, "admin-overview").await.unwrap();
    find_user(&browser, &site, "ada").await;
    picture(&browser, "admin-user").await.unwrap();
    browser.leave_by("user-disable").await.unwrap();
    browser.sees("page-admin-user-deed").await.unwrap();
    picture(&browser, "admin-user-disable").await.unwrap();
    browser.leave_by("confirm-submit").await.unwrap();
    browser.sees("user-enable").await.unwrap();
    do_it(&browser, "user-enable").await;
    browser.sees("user-disable").await.unwrap();
    make_client(&browser, &site).await;
    browser
        .open(&site.server.url("/admin/signing-keys"))
        .await
        .unwrap();
    do_it(&browser, "keys-rotate").await;
    browser.sees("done").await.unwrap();
    for page in [
        "users",
        "sessions?q=ada",
        "keys?q=ada",
        "clients",
        "scopes",
        "signing-keys",
        "audit",
        "proxies",
    ] {
        browser
            .open(&site.server.url(&format!("/admin/{page}")))
            .await
            .unwrap();
        let name = page.split('?').next().unwrap();
        browser.sees(&format!("page-admin-{name}")).await.unwrap();
        picture(&browser, &format!("admin-{name}")).await.unwrap();
    }
    browser.close().await.unwrap();
}

async fn make_client(browser: &Browser, site: &Site) {
    browser.open(&site.server.url("/admin/clients")).await.unwrap();
    browser.leave_by("client-new").await.unwrap();
    browser.sees("page-admin-client-new").await.unwrap();
    browser.fill("client-id", "fieldnotes").await.unwrap();
    browser.fill("name", "Fieldnotes").await.unwrap();
    browser
        .fill("redirect-uris", "https://app.example/cb#no")
        .await
        .unwrap();
    browser.leave_by("client-create").await.unwrap();
    browser.sees("redirect-uris-error").await.unwrap();
    picture(browser, "admin-client-refused").await.unwrap();
    browser
        .fill("redirect-uris", "https://app.example/cb")
        .await
        .unwrap();
    browser.leave_by("client-create").await.unwrap();
    browser.sees("shown-secret").await.unwrap();
    picture(browser, "admin-client-secret").await.unwrap();
    browser
        .open(&site.server.url("/admin/clients/fieldnotes"))
        .await
        .unwrap();
    browser.sees("page-admin-client").await.unwrap();
    picture(browser, "admin-client").await.unwrap();
}
