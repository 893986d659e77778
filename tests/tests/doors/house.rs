//! Server, proxy and letter box for the matrix; a second server that demands confirmed addresses.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use github_double::{GithubDouble, OauthApp};
use testkit::letter;
use tests::demo::Demo;
use tests::server::Setup;
use url::Url;

use crate::person::State;

const GITHUB_SECRET: &str = "demo-only-secret-of-the-github-app-0123456789";
const LETTER_LIMIT: Duration = Duration::from_secs(30);

/// Many come from one machine here: each says who they are, as a reverse proxy would.
const SETTINGS: &str = r#"
[registration]
attempts = 10000
confirm_email = CONFIRM

[mail]
mailbox_attempts = 100
address_attempts = 10000

[[clients]]
id = "web-opaque"
name = "Shop with opaque tokens"
secret = "demo-only-secret-of-the-shop-0123456789"
redirect_uris = ["http://127.0.0.1:9000/callback"]
scopes = ["openid", "offline_access", "orders:read"]
resources = ["https://api.example.com"]
access_token_format = "opaque"
first_party = true
"#;

pub struct House {
    pub demo: Demo,
    pub github: GithubDouble,
    outbox: PathBuf,
    people: AtomicUsize,
    given: Mutex<HashSet<String>>,
    read: Mutex<BTreeMap<PathBuf, String>>,
}

/// One that lets everybody in, and one that wants confirmed addresses.
pub struct Houses {
    open: Arc<House>,
    strict: Arc<House>,
}

impl Houses {
    pub fn of(&self, state: State) -> Arc<House> {
        match state {
            State::Unverified => self.strict.clone(),
            _ => self.open.clone(),
        }
    }
}

impl House {
    pub async fn build(setup: Setup) -> Result<Houses> {
        let with = |confirm: &str| {
            let setup = setup.clone().with(&SETTINGS.replace("CONFIRM", confirm));
            setup.env("AUTHZ_SERVER__TRUSTED_PROXIES", "[\"127.0.0.1/32\"]")
        };
        Ok(Houses {
            open: Arc::new(Self::open(with("false")).await?),
            strict: Arc::new(Self::open(with("true")).await?),
        })
    }

    async fn open(setup: Setup) -> Result<Self> {
        let nowhere = Url::parse("http://127.0.0.1:1/")?;
        let github = GithubDouble::start(github_double::Settings {
            oauth_apps: vec![OauthApp::new("doors", GITHUB_SECRET, nowhere)],
            ..github_double::Settings::default()
        })?;
        let setup = setup
            .env("AUTHZ_GITHUB__CLIENT_ID", "doors")
            .env("AUTHZ_GITHUB__CLIENT_SECRET", GITHUB_SECRET)
            .env("AUTHZ_GITHUB__WEB_URL", github.web_url())
            .env("AUTHZ_GITHUB__API_URL", github.api_url());
        let demo = Demo::named(setup).await?;
        let callback = demo.server.url("/login/with/github/callback");
        github.set_callback_urls("doors", vec![callback.parse()?])?;
        Ok(Self {
            outbox: demo.server.folder().join("data/outbox"),
            demo,
            github,
            people: AtomicUsize::new(0),
            given: Mutex::default(),
            read: Mutex::default(),
        })
    }

    /// A number that nobody else has.
    pub fn number(&self) -> usize {
        self.people.fetch_add(1, Ordering::Relaxed)
    }

    /// Waits for a letter to this address with a link to `page` that was not given before.
    pub async fn link(&self, address: &str, page: &str) -> Result<String> {
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        let arrived = async {
            loop {
                tick.tick().await;
                for letter in self.letters(address)? {
                    if let Some(link) = letter::link(&letter, page)
                        && self.is_new(&link.url)
                    {
                        return Ok(link.url);
                    }
                }
            }
        };
        let found = tokio::time::timeout(LETTER_LIMIT, arrived).await;
        found.with_context(|| format!("no letter to {address} about {page}"))?
    }

    fn is_new(&self, link: &str) -> bool {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.insert(link.to_owned())
    }

    /// Newest first. Each is read once.
    fn letters(&self, address: &str) -> Result<Vec<String>> {
        let Ok(folder) = std::fs::read_dir(&self.outbox) else {
            return Ok(Vec::new());
        };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in folder {
            let path = entry?.path();
            let is_letter = path.extension().is_some_and(|ending| ending == "eml");
            if is_letter && !read.contains_key(&path) {
                let text = letter::plain(&std::fs::read_to_string(&path)?);
                read.insert(path, text);
            }
        }
        let to = format!("To: {address}\r\n");
        let letters = read.values().rev().filter(|letter| letter.contains(&to));
        Ok(letters.cloned().collect())
    }
}
