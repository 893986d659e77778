//! A real browser on the real pages: register, log in, consent, deny, wrong password, two tabs, logout.
//! Leaves pictures of each page at two widths and in both themes in the ignored folder `screenshots`.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

use std::path::PathBuf;

use tests::browser::{Browser, Screen};
use tests::demo::{CALLBACK, PASSWORD, SHOP, sections};
use tests::sample_service::SampleService;
use tests::server::{Server, Setup};
use url::Url;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A server, and a callback that is there, so that the browser has somewhere to arrive.
struct Site {
    server: Server,
    callback: String,
    _service: SampleService,
}

impl Site {
    async fn start() -> Self {
        let service = SampleService::start().await.unwrap();
        let callback = service.url("/callback");
        let setup = Setup::sqlite().with(&sections().replace(CALLBACK, &callback));
        Self {
            server: Server::start(setup).await.unwrap(),
            callback,
            _service: service,
        }
    }

    fn authorization(&self, extra: &[(&str, &str)]) -> String {
        self.authorization_to(&self.callback, extra)
    }

    fn authorization_to(&self, callback: &str, extra: &[(&str, &str)]) -> String {
        let mut url = Url::parse(&self.server.url("/oauth2/authorize")).unwrap();
        let usual = [
            ("client_id", SHOP.0),
            ("response_type", "code"),
            ("redirect_uri", callback),
            ("scope", "openid profile orders:read"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        url.query_pairs_mut().extend_pairs(usual).extend_pairs(extra);
        url.into()
    }

    async fn register(&self, browser: &Browser, name: &str) {
        browser.open(&self.server.url("/register")).await.unwrap();
        browser.sees("page-register").await.unwrap();
        let email = format!("{name}@example.com");
        for (id, text) in [
            ("username", name),
            ("email", &email),
            ("name", name),
            ("password", PASSWORD),
        ] {
            browser.fill(id, text).await.unwrap();
        }
        browser.click("register-submit").await.unwrap();
        browser.sees("page-home").await.unwrap();
    }

    /// Waits for the callback; its query.
    async fn arrives(&self, browser: &Browser) -> String {
        browser
            .arrives_at(&self.callback)
            .await
            .unwrap()
            .query()
            .unwrap_or_default()
            .to_owned()
    }
}

async fn picture(browser: &Browser, name: &str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../screenshots/browser");
    std::fs::create_dir_all(&folder).unwrap();
    for (width, height) in [(1280, 800), (390, 844)] {
        for dark in [false, true] {
            browser.use_screen(Screen { width, height, dark }).await.unwrap();
            let theme = if dark { "dark" } else { "light" };
            let file = folder.join(format!("{name}-{width}-{theme}.png"));
            browser.save_screenshot(&file).await.unwrap();
        }
    }
}

async fn log_in(browser: &Browser, name: &str, password: &str) {
    browser.sees("page-login").await.unwrap();
    browser.fill("username", name).await.unwrap();
    browser.fill("password", password).await.unwrap();
    browser.click("login-submit").await.unwrap();
}

#[tokio::test]
async fn a_person_registers_denies_and_consents() {
    let site = Site::start().await;
    let browser = Browser::start().await.unwrap();
    browser.open(&site.server.url("/register")).await.unwrap();
    browser.sees("page-register").await.unwrap();
    picture(&browser, "register").await;
    site.register(&browser, "ada").await;
    picture(&browser, "home").await;
    browser
        .open(&site.authorization(&[("state", "one")]))
        .await
        .unwrap();
    browser.sees("page-consent").await.unwrap();
    picture(&browser, "consent").await;
    browser.click("consent-deny").await.unwrap();
    let denied = site.arrives(&browser).await;
    assert!(
        denied.contains("error=access_denied") && denied.contains("state=one"),
        "{denied}"
    );
    browser
        .open(&site.authorization(&[("state", "two")]))
        .await
        .unwrap();
    browser.sees("page-consent").await.unwrap();
    browser.click("consent-approve").await.unwrap();
    let approved = site.arrives(&browser).await;
    assert!(
        approved.contains("code=") && approved.contains("state=two"),
        "{approved}"
    );
    browser
        .open(&site.authorization_to("https://evil.test/", &[]))
        .await
        .unwrap();
    browser.sees("page-error").await.unwrap();
    picture(&browser, "error").await;
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_told_and_logout_ends_the_session() {
    let site = Site::start().await;
    let browser = Browser::start().await.unwrap();
    site.register(&browser, "ada").await;
    browser
        .open(&site.authorization(&[("prompt", "login"), ("state", "three")]))
        .await
        .unwrap();
    browser.sees("page-login").await.unwrap();
    picture(&browser, "login").await;
    log_in(&browser, "ada", "not the password").await;
    browser.sees("form-error").await.unwrap();
    picture(&browser, "login-wrong").await;
    log_in(&browser, "ada", PASSWORD).await;
    browser.sees("page-consent").await.unwrap();
    browser.open(&site.server.url("/oauth2/logout")).await.unwrap();
    browser.sees("page-logout").await.unwrap();
    picture(&browser, "logout").await;
    browser.click("logout-confirm").await.unwrap();
    browser.sees("page-logged-out").await.unwrap();
    picture(&browser, "logged-out").await;
    browser.open(&site.authorization(&[])).await.unwrap();
    browser.sees("page-login").await.unwrap();
    browser.click("login-cancel").await.unwrap();
    let cancelled = site.arrives(&browser).await;
    assert!(cancelled.contains("error=access_denied"), "{cancelled}");
    browser.close().await.unwrap();
}

/// Several flows in several tabs at once: each ends where it began.
#[tokio::test]
async fn two_tabs_finish_their_own_flows() {
    let site = Site::start().await;
    let browser = Browser::start().await.unwrap();
    site.register(&browser, "bob").await;
    let client = browser.client();
    let first = client.window().await.unwrap();
    browser
        .open(&site.authorization(&[("prompt", "login"), ("state", "first")]))
        .await
        .unwrap();
    browser.sees("page-login").await.unwrap();
    let second = client.new_window(true).await.unwrap();
    client.switch_to_window(second.handle).await.unwrap();
    browser
        .open(&site.authorization(&[("prompt", "login"), ("state", "second")]))
        .await
        .unwrap();
    log_in(&browser, "bob", PASSWORD).await;
    browser.sees("page-consent").await.unwrap();
    browser.click("consent-approve").await.unwrap();
    let landed = site.arrives(&browser).await;
    assert!(landed.contains("state=second"), "{landed}");
    client.switch_to_window(first).await.unwrap();
    log_in(&browser, "bob", PASSWORD).await;
    let landed = site.arrives(&browser).await;
    assert!(landed.contains("state=first"), "{landed}");
    browser.close().await.unwrap();
}

/// The answer as a form that submits itself.
#[tokio::test]
async fn form_post_arrives_as_a_post() {
    let site = Site::start().await;
    let browser = Browser::start().await.unwrap();
    site.register(&browser, "eve").await;
    let posted = [("response_mode", "form_post"), ("state", "posted")];
    browser.open(&site.authorization(&posted)).await.unwrap();
    browser.sees("page-consent").await.unwrap();
    browser.click("consent-approve").await.unwrap();
    assert_eq!(site.arrives(&browser).await, "");
    assert!(browser.client().source().await.unwrap().contains("POST"));
    browser.close().await.unwrap();
}
