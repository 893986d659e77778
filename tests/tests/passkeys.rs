//! Passkeys in a real browser with a virtual authenticator: made, used alone and as the second step, removed.
//! The server's issuer has a name, for browsers know passkeys on named sites only.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use serde_json::{Value, json};
use tests::browser::Browser;
use tests::demo::PASSWORD;
use tests::server::{Server, Setup};

const SITE: &str = "http://localhost";

/// Keeps a list of what the pages ask the browser for, and of what comes of it.
const WATCH: &str = r#"
    const get = navigator.credentials.get.bind(navigator.credentials);
    const keep = (list) => sessionStorage.setItem("asked", JSON.stringify(list));
    const kept = () => JSON.parse(sessionStorage.getItem("asked") || "[]");
    navigator.credentials.get = (options) => {
        const number = kept().length;
        const told = (outcome) => {
            const list = kept();
            list[number] = (options.mediation || "button") + ": " + outcome;
            keep(list);
        };
        told("waits");
        const asked = get(options);
        asked.then(() => told("given"), (error) => told(error.name));
        return asked;
    };
"#;
const ASKED: &str = "return JSON.parse(sessionStorage.getItem('asked') || '[]')";

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
        self.browser.leave_by(button).await.unwrap();
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

    /// Waits until this is all that the browser has been asked for.
    async fn asked(&self, expected: &[&str]) {
        self.browser.comes_to(ASKED, &json!(expected)).await.unwrap();
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

/// The field for the name offers passkeys all the while; the button takes over from it.
#[tokio::test]
async fn the_button_takes_over_from_the_offer_of_the_field() {
    let site = Site::start().await;
    site.add_passkey().await;
    site.leave().await;
    site.browser.run_first(WATCH).await.unwrap();
    site.browser.agrees(false).await.unwrap();
    site.open("/login").await;
    site.asked(&["conditional: waits"]).await;
    site.browser.agrees(true).await.unwrap();
    site.press("passkey-use", "page-home").await;
    site.asked(&["conditional: AbortError", "button: given"]).await;
    site.browser.close().await.unwrap();
}

#[tokio::test]
async fn a_button_pressed_twice_asks_once() {
    let site = Site::start().await;
    site.add_passkey().await;
    site.leave().await;
    site.browser.run_first(WATCH).await.unwrap();
    site.browser.agrees(false).await.unwrap();
    site.open("/login").await;
    site.asked(&["conditional: waits"]).await;
    let twice = "const button = document.getElementById('passkey-use'); button.click(); button.click();";
    site.run(twice, Vec::new()).await;
    site.asked(&["conditional: AbortError", "button: waits"]).await;
    let hidden = "return document.getElementById('passkey-error').hidden";
    assert_eq!(site.run(hidden, Vec::new()).await, true);
    site.browser.close().await.unwrap();
}

/// Whoever is faster than the browser's answer whether fields can offer passkeys is not disturbed by the offer.
#[tokio::test]
async fn an_offer_that_comes_late_does_not_disturb_the_button() {
    let site = Site::start().await;
    site.add_passkey().await;
    site.leave().await;
    site.browser.run_first(WATCH).await.unwrap();
    let late = "PublicKeyCredential.isConditionalMediationAvailable = () => new Promise((yes) => { window.late = yes; });";
    site.browser.run_first(late).await.unwrap();
    site.browser.agrees(false).await.unwrap();
    site.open("/login").await;
    site.browser.click("passkey-use").await.unwrap();
    site.asked(&["button: waits"]).await;
    site.run("window.late(true)", Vec::new()).await;
    let settled = site
        .browser
        .client()
        .execute_async("setTimeout(arguments[0], 0)", Vec::new());
    settled.await.unwrap();
    site.asked(&["button: waits"]).await;
    site.browser.close().await.unwrap();
}

/// The button came to nothing; the field offers as before.
#[tokio::test]
async fn after_a_cancelled_button_the_field_offers_again() {
    let site = Site::start().await;
    site.add_passkey().await;
    site.leave().await;
    let cancels = r#"
        const real = navigator.credentials.get.bind(navigator.credentials);
        const cancelled = () => Promise.reject(new DOMException("cancelled", "NotAllowedError"));
        navigator.credentials.get = (options) => options.mediation ? real(options) : cancelled();
    "#;
    site.browser.run_first(cancels).await.unwrap();
    site.browser.run_first(WATCH).await.unwrap();
    site.browser.agrees(false).await.unwrap();
    site.open("/login").await;
    site.asked(&["conditional: waits"]).await;
    site.browser.click("passkey-use").await.unwrap();
    site.browser.sees_shown("passkey-error").await.unwrap();
    let all = [
        "conditional: AbortError",
        "button: NotAllowedError",
        "conditional: waits",
    ];
    site.asked(&all).await;
    site.browser.close().await.unwrap();
}
