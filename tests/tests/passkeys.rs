//! Passkeys in a real browser with a virtual authenticator: made, used alone and as the second step, removed.
//! The server's issuer has a name, for browsers know passkeys on named sites only.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use serde_json::Value;
use tests::browser::Browser;
use tests::demo::PASSWORD;
use tests::server::{Server, Setup};

const SITE: &str = "http://localhost";

/// A server at a name, a browser that finds it there, and Ada, who is signed in.
struct Site {
    browser: Browser,
    _server: Server,
}

impl Site {
    async fn start() -> Self {
        let setup = Setup::sqlite().env("AUTHZ_SERVER__ISSUER", SITE);
        let server = Server::start(setup).await.unwrap();
        let browser = Browser::start_at("localhost:80", server.address()).await.unwrap();
        browser.add_authenticator().await.unwrap();
        let site = Self {
            browser,
            _server: server,
        };
        site.open("/register").await;
        for (id, text) in [
            ("username", "ada"),
            ("email", "ada@example.com"),
            ("name", "Ada"),
            ("password", PASSWORD),
        ] {
            site.browser.fill(id, text).await.unwrap();
        }
        site.press("register-submit", "page-home").await;
        site
    }

    async fn open(&self, path: &str) {
        self.browser.open(&format!("{SITE}{path}")).await.unwrap();
    }

    /// Presses a button and waits for the page it leads to.
    async fn press(&self, button: &str, page: &str) {
        self.browser.click(button).await.unwrap();
        self.browser.sees(page).await.unwrap();
    }

    /// Makes a passkey; the browser is at its backup codes then.
    async fn add_passkey(&self) {
        self.open("/account/security/passkeys/add").await;
        self.browser.fill("name", "Laptop").await.unwrap();
        self.browser.fill("current-password", PASSWORD).await.unwrap();
        self.press("passkey-begin", "passkey-use").await;
        self.press("passkey-use", "page-backup-codes").await;
    }

    /// Forgets who is signed in.
    async fn leave(&self) {
        self.browser.client().delete_all_cookies().await.unwrap();
    }

    async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.browser.client().execute(script, arguments).await.unwrap()
    }
}

#[tokio::test]
async fn a_passkey_signs_in_alone_and_after_the_password() {
    let site = Site::start().await;
    site.add_passkey().await;
    // The virtual user takes what the field for the name offers at once.
    site.leave().await;
    site.open("/login").await;
    site.browser.sees("page-home").await.unwrap();
    site.leave().await;
    site.browser.agrees(false).await.unwrap();
    site.open("/login").await;
    site.browser.fill("username", "ada").await.unwrap();
    site.browser.fill("password", PASSWORD).await.unwrap();
    site.press("login-submit", "page-second").await;
    site.browser.agrees(true).await.unwrap();
    site.press("passkey-use", "page-home").await;
    site.open("/account/security/passkeys").await;
    let list = site.browser.text("page-passkeys").await.unwrap();
    assert!(list.contains("“Laptop”") && list.contains("last used"), "{list}");
    site.browser.close().await.unwrap();
}

#[tokio::test]
async fn a_removed_passkey_does_not_sign_in_and_the_page_says_so() {
    let site = Site::start().await;
    site.add_passkey().await;
    site.open("/account/security/passkeys").await;
    let href = "return document.querySelector('a[href*=\"edit?id=\"]').getAttribute('href')";
    let edit = site.run(href, Vec::new()).await;
    site.open(edit.as_str().unwrap().replace("/edit?", "/remove?").as_str())
        .await;
    site.browser.fill("current-password", PASSWORD).await.unwrap();
    site.press("passkey-remove", "page-passkeys").await;
    site.leave().await;
    site.open("/login").await;
    site.browser.sees("form-error").await.unwrap();
    site.browser.close().await.unwrap();
}

/// Without an authenticator the page tells that there is no passkey, and the password still works.
#[tokio::test]
async fn a_cancelled_ceremony_is_told_on_the_page() {
    let site = Site::start().await;
    site.leave().await;
    site.open("/login").await;
    site.browser.click("passkey-use").await.unwrap();
    site.browser.sees_shown("passkey-error").await.unwrap();
    let told = site.browser.text("passkey-error").await.unwrap();
    assert!(told.starts_with("No passkey was used"), "{told}");
    site.browser.close().await.unwrap();
}
