//! Passkeys in a real browser with a virtual authenticator: made, used alone and as the second step, replayed, removed.
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
        self.open("/login").await;
        self.browser.sees("page-login").await.unwrap();
    }

    async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.browser.client().execute(script, arguments).await.unwrap()
    }
}

#[tokio::test]
async fn a_passkey_signs_in_alone_and_after_the_password() {
    let site = Site::start().await;
    site.add_passkey().await;
    site.leave().await;
    site.press("passkey-use", "page-home").await;
    site.leave().await;
    site.browser.fill("username", "ada").await.unwrap();
    site.browser.fill("password", PASSWORD).await.unwrap();
    site.press("login-submit", "page-second").await;
    site.press("passkey-use", "page-home").await;
    site.open("/account/security/passkeys").await;
    let list = site.browser.text("page-passkeys").await.unwrap();
    assert!(list.contains("“Laptop”") && list.contains("last used"), "{list}");
    site.browser.close().await.unwrap();
}

/// What was sent once is held back and sent again by the same browser.
#[tokio::test]
async fn an_answer_that_was_given_is_refused_the_second_time() {
    let site = Site::start().await;
    site.add_passkey().await;
    site.leave().await;
    // The form is not posted but kept, and posted twice by hand.
    let keep = "var form = document.getElementById('passkey-form'); form.submit = function () { form.id = 'held'; };";
    site.run(keep, Vec::new()).await;
    site.browser.click("passkey-use").await.unwrap();
    site.browser.sees("held").await.unwrap();
    let read = "return new URLSearchParams(new FormData(document.getElementById('held'))).toString()";
    let body = site.run(read, Vec::new()).await;
    let replay = "var form = document.createElement('form'); form.method = 'post'; form.action = '/login/passkey'; \
        new URLSearchParams(arguments[0]).forEach(function (value, name) { var field = document.createElement('input'); \
        field.type = 'hidden'; field.name = name; field.value = value; form.appendChild(field); }); \
        document.body.appendChild(form); form.submit();";
    site.run(replay, vec![body.clone()]).await;
    site.browser.sees("page-home").await.unwrap();
    site.run(replay, vec![body]).await;
    site.browser.sees("page-login").await.unwrap();
    let error = site.browser.text("form-error").await.unwrap();
    assert!(error.contains("did not work"), "{error}");
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
    site.press("passkey-use", "form-error").await;
    site.browser.close().await.unwrap();
}

/// Without an authenticator the page tells that there is no passkey, and the password still works.
#[tokio::test]
async fn a_cancelled_ceremony_is_told_on_the_page() {
    let site = Site::start().await;
    site.leave().await;
    site.browser.click("passkey-use").await.unwrap();
    site.browser.sees_shown("passkey-error").await.unwrap();
    let told = site.browser.text("passkey-error").await.unwrap();
    assert!(told.starts_with("No passkey was used"), "{told}");
    site.browser.close().await.unwrap();
}
