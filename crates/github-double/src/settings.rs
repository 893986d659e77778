//! What a stand-in knows when it starts: apps, people, repositories, installations.
//! Refuses unknown members in a file, so that a misspelt one is noticed.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use serde::Deserialize;
use url::Url;

use crate::AppKey;
use crate::people::{Organization, Person, Repository};

/// The state at the start; everything can be changed while the stand-in runs.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where to listen; port 0, the default, takes a free one.
    pub listen: SocketAddr,
    /// A path before the REST API; when empty, the API answers at the root and below `/api/v3`.
    pub api_prefix: String,
    /// Whether a person whose primary address is unverified gets no token, as GitHub documents it.
    pub refuse_unverified_people: bool,
    /// OAuth apps, with `gho_` tokens and scopes.
    pub oauth_apps: Vec<OauthApp>,
    /// GitHub Apps, with `ghu_` and `ghs_` tokens and permissions.
    pub github_apps: Vec<GithubApp>,
    /// People who can sign in.
    pub people: Vec<Person>,
    /// Organizations that can own repositories and installations.
    pub organizations: Vec<Organization>,
    /// Repositories, by the login of their owner.
    pub repositories: Vec<Repository>,
    /// Apps that are already installed.
    pub installations: Vec<Installation>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            api_prefix: String::new(),
            refuse_unverified_people: true,
            oauth_apps: Vec::new(),
            github_apps: Vec::new(),
            people: Vec::new(),
            organizations: Vec::new(),
            repositories: Vec::new(),
            installations: Vec::new(),
        }
    }
}

/// An OAuth app; its first callback address is the default one.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OauthApp {
    /// The public name of the client.
    pub client_id: String,
    /// Its password.
    pub client_secret: String,
    /// Where people may be sent back to, or below it.
    pub callback_urls: Vec<Url>,
}

/// A GitHub App with its two faces: OAuth client and installed app.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GithubApp {
    /// The number of the app.
    pub id: u64,
    /// Its name in addresses.
    pub slug: String,
    /// The public name of the client; also an accepted `iss` of the app's JWTs.
    pub client_id: String,
    /// Its password.
    pub client_secret: String,
    /// Where people may be sent back to, exactly.
    #[serde(default)]
    pub callback_urls: Vec<Url>,
    /// The key that the app's JWTs are signed with.
    pub private_key: AppKey,
    /// Where people are sent after installing.
    #[serde(default)]
    pub setup_url: Option<Url>,
    /// Whether installing also asks for authorization and ends at the callback address.
    #[serde(default)]
    pub authorize_on_install: bool,
    /// Where events are posted.
    #[serde(default)]
    pub webhook_url: Option<Url>,
    /// What events are signed with.
    #[serde(default)]
    pub webhook_secret: Option<String>,
    /// Whether user tokens expire and come with a refresh token.
    #[serde(default = "yes")]
    pub expiring_tokens: bool,
    /// Account and repository permissions, such as `emails: read`, which `/user/emails` asks for.
    #[serde(default = "usual_permissions")]
    pub permissions: BTreeMap<String, String>,
}

/// An app that an account has installed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Installation {
    /// The slug of the app.
    pub app: String,
    /// The login of a person or an organization.
    pub account: String,
    /// Names of repositories of that account; all of them when absent.
    #[serde(default)]
    pub repositories: Option<Vec<String>>,
}

impl OauthApp {
    /// An OAuth app with one callback address.
    #[must_use]
    pub fn new(client_id: &str, client_secret: &str, callback_url: Url) -> Self {
        Self {
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            callback_urls: vec![callback_url],
        }
    }
}

impl GithubApp {
    /// An app with expiring tokens that may read addresses and repository metadata; the client is `Iv1.<slug>` with
    /// the password `<slug>-secret`.
    #[must_use]
    pub fn new(id: u64, slug: &str, private_key: AppKey) -> Self {
        Self {
            id,
            slug: slug.to_owned(),
            client_id: format!("Iv1.{slug}"),
            client_secret: format!("{slug}-secret"),
            callback_urls: Vec::new(),
            private_key,
            setup_url: None,
            authorize_on_install: false,
            webhook_url: None,
            webhook_secret: None,
            expiring_tokens: true,
            permissions: usual_permissions(),
        }
    }
}

impl Installation {
    /// An installation for all repositories of the account.
    #[must_use]
    pub fn new(app: &str, account: &str) -> Self {
        Self {
            app: app.to_owned(),
            account: account.to_owned(),
            repositories: None,
        }
    }

    /// Limits the installation to these repositories.
    #[must_use]
    pub fn only<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.repositories = Some(names.into_iter().map(str::to_owned).collect());
        self
    }
}

const fn yes() -> bool {
    true
}

fn usual_permissions() -> BTreeMap<String, String> {
    ["emails", "metadata"]
        .map(|name| (name.to_owned(), "read".to_owned()))
        .into()
}
