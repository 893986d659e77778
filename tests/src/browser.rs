//! Headless Chromium under chromedriver, each with an empty profile and a port of its own.
//! It is an error when either is not installed; no test is skipped for want of a browser.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::chromedriver::{START_LIMIT, capabilities, start_driver};
use crate::process::Process;

/// The size and the colour scheme of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
    /// Whether the person prefers dark colours.
    pub dark: bool,
}

/// A browser with one window open.
pub struct Browser {
    client: Client,
    driver_url: String,
    authenticator: OnceLock<String>,
    _driver: Process,
    folder: TempDir,
}

impl Browser {
    /// Starts chromedriver and a browser with an empty profile.
    pub async fn start() -> Result<Self> {
        Self::start_with(&[], &json!({})).await
    }

    /// The same for somebody who lets no page run scripts.
    pub async fn start_without_scripts() -> Result<Self> {
        let never = json!({ "profile.managed_default_content_settings.javascript": 2 });
        Self::start_with(&[], &never).await
    }

    /// The same, where `name`, a host with its port, is found at `address`.
    pub async fn start_at(name: &str, address: SocketAddr) -> Result<Self> {
        let flags = [format!("--host-resolver-rules=MAP {name} {address}")];
        Self::start_with(&flags, &json!({})).await
    }

    async fn start_with(flags: &[String], preferences: &Value) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("browser").tempdir()?;
        let (driver, driver_url) = start_driver(folder.path()).await?;
        let client = ClientBuilder::rustls()?
            .capabilities(capabilities(folder.path(), flags, preferences))
            .connect(&driver_url)
            .await
            .context("chromedriver cannot start Chromium")?;
        Ok(Self {
            client,
            driver_url,
            authenticator: OnceLock::new(),
            _driver: driver,
            folder,
        })
    }

    /// The WebDriver client, for what this type does not offer.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Opens an address.
    pub async fn open(&self, url: &str) -> Result<()> {
        self.client
            .goto(url)
            .await
            .with_context(|| format!("cannot open {url}"))
    }

    /// Waits until an element with this id is on the page.
    pub async fn sees(&self, id: &str) -> Result<()> {
        let found = self
            .client
            .wait()
            .at_most(START_LIMIT)
            .for_element(Locator::Id(id))
            .await;
        match found {
            Ok(_) => Ok(()),
            Err(error) => {
                let (url, source) = (self.client.current_url().await?, self.client.source().await?);
                Err(error).with_context(|| format!("no '{id}' at {url}:\n{source}"))
            }
        }
    }

    /// Waits until the element with this id is not hidden.
    pub async fn sees_shown(&self, id: &str) -> Result<()> {
        let shown = format!("#{id}:not([hidden])");
        self.client
            .wait()
            .at_most(START_LIMIT)
            .for_element(Locator::Css(&shown))
            .await
            .with_context(|| format!("'{id}' stays hidden"))?;
        Ok(())
    }

    /// Plugs in an authenticator that keeps passkeys and whose user always agrees. // WebAuthn §11.3
    pub async fn add_authenticator(&self) -> Result<()> {
        let authenticator = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
            "isUserConsenting": true,
        });
        let answer = self.driver("webauthn/authenticator", authenticator).await?;
        let id = answer["value"].as_str().context("no authenticator")?.to_owned();
        self.authenticator
            .set(id)
            .map_err(|_| anyhow!("one authenticator is enough"))
    }

    /// Whether the user of the authenticator agrees to what it is asked for from now on, or waits.
    pub async fn agrees(&self, agrees: bool) -> Result<()> {
        let id = self.authenticator.get().context("no authenticator")?;
        let presence = json!({ "authenticatorId": id, "enabled": agrees });
        self.devtools("WebAuthn.setAutomaticPresenceSimulation", presence)
            .await?;
        Ok(())
    }

    /// Runs a script on each page that is opened from now on, before the page's own.
    pub async fn run_first(&self, script: &str) -> Result<()> {
        let source = json!({ "source": script });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", source)
            .await?;
        Ok(())
    }

    /// Waits until the script gives `expected`.
    pub async fn comes_to(&self, script: &str, expected: &Value) -> Result<()> {
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        let mut last = Value::Null;
        let came = async {
            loop {
                tick.tick().await;
                last = self.client.execute(script, Vec::new()).await?;
                if last == *expected {
                    return Ok(());
                }
            }
        };
        let came = tokio::time::timeout(START_LIMIT, came).await;
        came.with_context(|| format!("{last}, not {expected}"))?
    }

    /// The element with this id, once it is there: a click before it may still be on its way.
    async fn element(&self, id: &str) -> Result<Element> {
        let found = self.client.wait().at_most(START_LIMIT);
        let found = found.for_element(Locator::Id(id)).await;
        found.with_context(|| format!("no element '{id}'"))
    }

    /// Does something with the element with this id, anew if the page under it was just replaced.
    async fn with_element<T>(
        &self,
        id: &str,
        deed: impl AsyncFn(&Element) -> Result<T, CmdError>,
    ) -> Result<T> {
        let done = async {
            loop {
                match deed(&self.element(id).await?).await {
                    Err(error) if is_gone(&error) => (),
                    done => return Ok(done?),
                }
            }
        };
        let done = tokio::time::timeout(START_LIMIT, done).await;
        done.with_context(|| format!("'{id}' never stays"))?
    }

    /// Puts text into the field with this id in place of what was there.
    pub async fn fill(&self, id: &str, text: &str) -> Result<()> {
        let fill = async |field: &Element| {
            field.clear().await?;
            field.send_keys(text).await
        };
        self.with_element(id, fill).await
    }

    /// Clicks the element with this id.
    pub async fn click(&self, id: &str) -> Result<()> {
        self.with_element(id, async |element| element.click().await).await
    }

    /// Clicks the element with this id and waits until the page it stands on is gone: a page that looks like the one
    /// before it could be taken for it otherwise.
    pub async fn leave_by(&self, id: &str) -> Result<()> {
        let element = self.element(id).await?;
        let page = self.client.find(Locator::Css("html")).await?;
        element.click().await?;
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        let left = async {
            loop {
                tick.tick().await;
                match page.tag_name().await {
                    Err(error) if is_gone(&error) => return Ok(()),
                    still => still?,
                };
            }
        };
        let left = tokio::time::timeout(START_LIMIT, left).await;
        left.with_context(|| format!("'{id}' leads nowhere"))?
    }

    /// What the element with this id says.
    pub async fn text(&self, id: &str) -> Result<String> {
        self.with_element(id, async |element| element.text().await).await
    }

    /// Waits until the address begins with `prefix`, and gives it.
    pub async fn arrives_at(&self, prefix: &str) -> Result<url::Url> {
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        let arrived = async {
            loop {
                tick.tick().await;
                let url = self.client.current_url().await?;
                if url.as_str().starts_with(prefix) {
                    return Ok(url);
                }
            }
        };
        match tokio::time::timeout(START_LIMIT, arrived).await {
            Ok(url) => url,
            Err(late) => {
                let here = self.client.current_url().await?;
                Err(late).with_context(|| format!("at {here}, not at {prefix}"))
            }
        }
    }

    /// Sets the size and the colour scheme.
    pub async fn use_screen(&self, screen: Screen) -> Result<()> {
        let metrics = json!({
            "width": screen.width, "height": screen.height, "deviceScaleFactor": 1, "mobile": screen.width < 600,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        let scheme = if screen.dark { "dark" } else { "light" };
        // Without motion, so that no colour is still on its way to another one.
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.devtools("Emulation.setEmulatedMedia", media).await?;
        Ok(())
    }

    /// Clicks the first element that this CSS selector finds, once it is there.
    pub async fn click_first(&self, selector: &str) -> Result<()> {
        let found = self.client.wait().at_most(START_LIMIT);
        let found = found.for_element(Locator::Css(selector)).await;
        let found = found.with_context(|| format!("no element '{selector}'"))?;
        Ok(found.click().await?)
    }

    /// What stands in the field with this id.
    pub async fn value(&self, id: &str) -> Result<String> {
        let value = self
            .with_element(id, async |field| field.prop("value").await)
            .await?;
        Ok(value.unwrap_or_default())
    }

    /// Opens an address until the page there says so.
    pub async fn says_at_last(&self, url: &str, (id, words): (&str, &str)) -> Result<()> {
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        let mut last = String::new();
        let said = async {
            while !last.contains(words) {
                tick.tick().await;
                self.open(url).await?;
                last = self.text(id).await?;
            }
            Ok(())
        };
        let said = tokio::time::timeout(START_LIMIT, said).await;
        said.with_context(|| format!("'{id}' never says '{words}': {last}"))?
    }

    /// Follows a link to a file, and gives the file once it is saved as a whole.
    pub async fn download(&self, selector: &str) -> Result<PathBuf> {
        let folder = self.folder.path().join("downloads");
        let allowed = json!({ "behavior": "allow", "downloadPath": folder });
        self.devtools("Browser.setDownloadBehavior", allowed).await?;
        self.click_first(selector).await?;
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        let saved = async {
            loop {
                tick.tick().await;
                if let Some(file) = first_saved(&folder)? {
                    return Ok(file);
                }
            }
        };
        tokio::time::timeout(START_LIMIT, saved)
            .await
            .context("nothing is saved")?
    }

    /// Saves the whole page as PNG, also what is below the edge of the screen.
    pub async fn save_page(&self, file: &Path) -> Result<()> {
        let whole = json!({ "format": "png", "captureBeyondViewport": true });
        let answer = self.devtools("Page.captureScreenshot", whole).await?;
        let data = answer["value"]["data"].as_str().context("no picture")?;
        Ok(std::fs::write(file, STANDARD.decode(data)?)?)
    }

    /// Saves what is on the screen as PNG.
    pub async fn save_screenshot(&self, file: &Path) -> Result<()> {
        let picture = self.client.screenshot().await?;
        Ok(std::fs::write(file, picture)?)
    }

    /// Ends the browser in an orderly way.
    pub async fn close(self) -> Result<()> {
        Ok(self.client.close().await?)
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        let body = json!({ "cmd": command, "params": parameters });
        self.driver("goog/cdp/execute", body).await
    }

    /// A command of the session that the client does not know.
    async fn driver(&self, command: &str, body: Value) -> Result<Value> {
        let session = self.client.session_id().await?.context("no WebDriver session")?;
        let url = format!("{}/session/{session}/{command}", self.driver_url);
        let answer = reqwest::Client::new().post(url).json(&body).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }
}

/// Whether the element went with its page. chromedriver has no name for it while the next page takes over.
fn is_gone(error: &CmdError) -> bool {
    error.is_stale_element_reference() || error.to_string().contains("does not belong to the document")
}

/// What is not saved as a whole yet bears another name.
fn first_saved(folder: &Path) -> Result<Option<PathBuf>> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(None);
    };
    for entry in entries {
        let file = entry?.path();
        let is_whole = file.extension().is_some_and(|ending| ending == "pdf");
        if is_whole {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_service::SampleService;

    #[tokio::test]
    async fn a_dark_phone_screen_is_what_the_page_sees() {
        let (service, browser) = (
            SampleService::start().await.unwrap(),
            Browser::start().await.unwrap(),
        );
        browser
            .use_screen(Screen {
                width: 390,
                height: 844,
                dark: true,
            })
            .await
            .unwrap();
        browser.open(&service.url("/here")).await.unwrap();
        let script = "return [screen.width, matchMedia('(prefers-color-scheme: dark)').matches]";
        let seen = browser.client().execute(script, Vec::new()).await.unwrap();
        assert_eq!(seen, json!([390, true]));
        browser.arrives_at(&service.url("/here")).await.unwrap();
        browser.close().await.unwrap();
    }
}
