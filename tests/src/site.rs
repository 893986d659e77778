//! A server with the demo's clients and a callback that is there, as a person with a real browser meets it.
//! Pictures of the pages go into the ignored folder `screenshots`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use testkit::letter::plain;
use url::Url;

use crate::browser::{Browser, Screen};
use crate::demo::{CALLBACK, PASSWORD, SHOP, sections};
use crate::sample_service::SampleService;
use crate::server::{Server, Setup};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// Gives the rule, the element and what is wrong with it, for each fault.
const AXE_RUN: &str = "const done = arguments[arguments.length - 1]; \
    axe.run().then(({ violations }) => done(violations.flatMap(({ id, nodes }) => \
        nodes.map((node) => [id, node.html, node.failureSummary]))));";
const LETTER_LIMIT: Duration = Duration::from_secs(30);

/// Running, and ended when dropped.
pub struct Site {
    /// The server whose pages are looked at.
    pub server: Server,
    callback: String,
    _service: SampleService,
}

impl Site {
    /// On SQLite.
    pub async fn start() -> Result<Self> {
        Self::start_with("").await
    }

    /// The same with more configuration.
    pub async fn start_with(more: &str) -> Result<Self> {
        let service = SampleService::start().await?;
        let callback = service.url("/callback");
        let setup = Setup::sqlite().with(&sections().replace(CALLBACK, &callback));
        let setup = setup.with(more);
        Ok(Self {
            server: Server::start(setup).await?,
            callback,
            _service: service,
        })
    }

    /// Where the website sends people.
    pub fn authorization(&self, extra: &[(&str, &str)]) -> Result<String> {
        self.authorization_to(&self.callback, extra)
    }

    /// The same with another callback.
    pub fn authorization_to(&self, callback: &str, extra: &[(&str, &str)]) -> Result<String> {
        let mut url = Url::parse(&self.server.url("/oauth2/authorize"))?;
        let usual = [
            ("client_id", SHOP.0),
            ("response_type", "code"),
            ("redirect_uri", callback),
            ("scope", "openid profile orders:read"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        url.query_pairs_mut().extend_pairs(usual).extend_pairs(extra);
        Ok(url.into())
    }

    /// Makes an account on the page; its address is at example.com.
    pub async fn register(&self, browser: &Browser, name: &str) -> Result<()> {
        browser.open(&self.server.url("/register")).await?;
        browser.sees("page-register").await?;
        let email = format!("{name}@example.com");
        for (id, text) in [
            ("username", name),
            ("email", &email),
            ("name", name),
            ("password", PASSWORD),
        ] {
            browser.fill(id, text).await?;
        }
        browser.leave_by("register-submit").await?;
        browser.sees("page-home").await
    }

    /// The same, and follows the link that confirms the address.
    pub async fn register_confirmed(&self, browser: &Browser, name: &str) -> Result<()> {
        self.register(browser, name).await?;
        let address = format!("{name}@example.com");
        let letter = self.letter_to(&address, "Confirm your e-mail").await?;
        browser.open(&link_in(&letter, "/verify-email")?).await?;
        browser.leave_by("verify-email-submit").await?;
        browser.sees("page-email-confirmed").await
    }

    /// Invites an address into the account of whoever is signed in; the link in the letter.
    pub async fn invite(&self, browser: &Browser, (address, role): (&str, &str)) -> Result<String> {
        browser.open(&self.server.url("/account/team")).await?;
        browser.fill("email", address).await?;
        browser
            .click_first(&format!("#role option[value=\"{role}\"]"))
            .await?;
        browser.leave_by("invite-submit").await?;
        browser.sees("done").await?;
        let letter = self.letter_to(address, "You are invited").await?;
        link_in(&letter, "/join")
    }

    /// Waits for the callback; its query.
    pub async fn arrives(&self, browser: &Browser) -> Result<String> {
        let url = browser.arrives_at(&self.callback).await?;
        Ok(url.query().unwrap_or_default().to_owned())
    }

    /// Waits for a letter whose subject begins so, and gives it as text.
    pub async fn letter(&self, subject: &str) -> Result<String> {
        self.letter_to("", subject).await
    }

    /// The same for letters to this address.
    pub async fn letter_to(&self, address: &str, subject: &str) -> Result<String> {
        let mut tick = tokio::time::interval(Duration::from_millis(50));
        let arrived = async {
            loop {
                tick.tick().await;
                let list = self.server.run(&["outbox", "list"])?;
                let line = list
                    .lines()
                    .find(|line| line.contains(address) && line.contains(subject));
                if let Some(name) = line.and_then(|line| line.split_whitespace().next()) {
                    return self.server.run(&["outbox", "show", name]);
                }
            }
        };
        let letter = tokio::time::timeout(LETTER_LIMIT, arrived).await;
        Ok(plain(&letter.with_context(|| format!("no letter '{subject}'"))??))
    }
}

/// The address in a letter that leads to `page`.
pub fn link_in(letter: &str, page: &str) -> Result<String> {
    let found = testkit::letter::link(letter, page);
    Ok(found.with_context(|| format!("no {page} in\n{letter}"))?.url)
}

/// The HTML part of a letter.
pub fn html_of(letter: &str) -> Result<&str> {
    let (_, html) = letter.split_once("<!DOCTYPE html>").context("no HTML part")?;
    Ok(html.split("</html>").next().unwrap_or_default())
}

/// The code that an app shows now for a key as it is shown for typing.
pub fn totp_now(key: &str) -> Result<String> {
    let app = totp_rs::Builder::new()
        .with_algorithm(totp_rs::Algorithm::SHA1)
        .with_digits(6)
        .with_secret(totp_rs::Secret::try_from_base32(key.replace(' ', ""))?)
        .build()?;
    Ok(app.generate_current().to_string())
}

/// What axe-core finds wrong with what is on the screen, for those who can't see it or use a mouse. `AXE_JS` names the file
/// `axe.min.js`; without it nothing is judged.
async fn judge(browser: &Browser, name: &str) -> Result<()> {
    let Some(axe) = std::env::var_os("AXE_JS") else {
        return Ok(());
    };
    let client = browser.client();
    // A letter is shown inside the page of a mail program, which has the landmarks.
    if client.current_url().await?.scheme() == "file" {
        return Ok(());
    }
    client.execute(&std::fs::read_to_string(axe)?, Vec::new()).await?;
    let found = client.execute_async(AXE_RUN, Vec::new()).await?;
    let found = found.as_array().context("axe says nothing")?;
    ensure!(found.is_empty(), "{name}: {found:#?}");
    Ok(())
}

/// Four pictures of the page: two widths, two themes.
pub async fn picture(browser: &Browser, name: &str) -> Result<()> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../screenshots/browser");
    std::fs::create_dir_all(&folder)?;
    for (width, height) in [(1280, 800), (390, 844)] {
        for dark in [false, true] {
            browser.use_screen(Screen { width, height, dark }).await?;
            let theme = if dark { "dark" } else { "light" };
            let file = folder.join(format!("{name}-{width}-{theme}.png"));
            browser.save_page(&file).await?;
            judge(browser, &format!("{name}, {width}, {theme}")).await?;
        }
    }
    Ok(())
}

/// Fills in the login page.
pub async fn log_in(browser: &Browser, name: &str, password: &str) -> Result<()> {
    browser.sees("page-login").await?;
    browser.fill("username", name).await?;
    browser.fill("password", password).await?;
    browser.leave_by("login-submit").await
}
