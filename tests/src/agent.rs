//! A person without a browser: keeps cookies, follows the site's own redirects, fills in forms.
//! It never follows a redirect to another origin; it hands over the address instead.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use url::Url;

use crate::page::{Page, Submission};

/// Longer chains of redirects are an error.
const MAX_REDIRECTS: usize = 10;

/// One person's cookies.
#[derive(Clone)]
pub struct Agent {
    client: Client,
}

/// Where a click led to.
#[derive(Clone, Debug)]
pub enum Landing {
    /// A page of the same site.
    Page(Box<Page>),
    /// The site sent the person elsewhere, with this address.
    Left(Url),
}

impl Landing {
    /// The page; an error when the person was sent elsewhere.
    pub fn page(self) -> Result<Page> {
        match self {
            Self::Page(page) => Ok(*page),
            Self::Left(url) => bail!("sent away to {url}"),
        }
    }

    /// The address elsewhere; an error when a page was shown.
    pub fn left(self) -> Result<Url> {
        match self {
            Self::Left(url) => Ok(url),
            Self::Page(page) => bail!("{} at {} shows:\n{}", page.status, page.url, page.body),
        }
    }
}

impl Agent {
    /// A person with no cookies yet.
    pub fn new() -> Result<Self> {
        Self::with(HeaderMap::new())
    }

    /// The same behind a reverse proxy that says where the person is; the server must trust it.
    pub fn at(address: &str) -> Result<Self> {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", address.parse()?);
        Self::with(headers)
    }

    fn with(headers: HeaderMap) -> Result<Self> {
        let client = Client::builder()
            .default_headers(headers)
            .cookie_store(true)
            .redirect(Policy::none())
            .no_proxy()
            // Nobody here speaks TLS, and the system's roots take long to read for each of many agents.
            .tls_certs_only([])
            .build()?;
        Ok(Self { client })
    }

    /// Opens an address.
    pub async fn open(&self, url: &str) -> Result<Landing> {
        self.follow(self.client.get(url).send().await?).await
    }

    /// Presses the button with this id after filling in the named fields.
    pub async fn press(&self, page: &Page, button_id: &str, filled: &[(&str, &str)]) -> Result<Landing> {
        self.deliver(page.press(button_id, filled)?).await
    }

    /// The first answer to pressing a button, wherever it leads.
    pub async fn answer(&self, page: &Page, button_id: &str, filled: &[(&str, &str)]) -> Result<Response> {
        self.give(page.press(button_id, filled)?).await
    }

    /// The answer to a JSON object with these members.
    pub async fn post_json(&self, url: &str, members: &BTreeMap<&str, &str>) -> Result<Response> {
        Ok(self.client.post(url).json(members).send().await?)
    }

    /// Where a form leads that was filled in already.
    pub async fn deliver(&self, sent: Submission) -> Result<Landing> {
        self.follow(self.give(sent).await?).await
    }

    async fn give(&self, sent: Submission) -> Result<Response> {
        let request = match sent.method {
            Method::GET => self.client.get(sent.action).query(&sent.fields),
            _ => self.client.post(sent.action).form(&sent.fields),
        };
        Ok(request.send().await?)
    }

    /// Sends the page's first form, where buttons have no ids.
    pub async fn submit(&self, page: &Page, filled: &[(&str, &str)]) -> Result<Landing> {
        self.deliver(page.submit(filled)?).await
    }

    /// Signs up on the registration page of the server at `issuer`.
    pub async fn register(&self, issuer: &str, username: &str, password: &str) -> Result<Landing> {
        let page = self.open(&format!("{issuer}/register")).await?.page()?;
        let email = format!("{username}@example.com");
        let filled = [
            ("username", username),
            ("email", &email),
            ("name", username),
            ("password", password),
        ];
        self.press(&page, "register-submit", &filled).await
    }

    /// Logs in and approves wherever the server asks, until it sends the person back to the client.
    pub async fn authorize(&self, url: &str, username: &str, password: &str) -> Result<Url> {
        let mut landing = self.open(url).await?;
        for _ in 0..4 {
            landing = match landing {
                Landing::Left(url) => return Ok(url),
                Landing::Page(page) if page.has("page-login") => {
                    let filled = [("username", username), ("password", password)];
                    self.press(&page, "login-submit", &filled).await?
                }
                Landing::Page(page) if page.has("page-consent") => {
                    self.press(&page, "consent-approve", &[]).await?
                }
                Landing::Page(page) => bail!("unexpected page at {}:\n{}", page.url, page.body),
            };
        }
        bail!("the server keeps asking")
    }

    async fn follow(&self, mut response: Response) -> Result<Landing> {
        for _ in 0..MAX_REDIRECTS {
            if !response.status().is_redirection() {
                return read(response).await;
            }
            let here = response.url().clone();
            let location = response
                .headers()
                .get(LOCATION)
                .context("a redirect without Location")?;
            let next = here.join(location.to_str()?)?;
            if next.origin() != here.origin() {
                return Ok(Landing::Left(next));
            }
            response = self.client.get(next).send().await?;
        }
        bail!("more than {MAX_REDIRECTS} redirects")
    }
}

async fn read(response: Response) -> Result<Landing> {
    let (url, status, headers) = (
        response.url().clone(),
        response.status(),
        response.headers().clone(),
    );
    let body = response.text().await?;
    Ok(Landing::Page(Box::new(Page {
        url,
        status,
        headers,
        body,
    })))
}
