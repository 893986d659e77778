//! `[github]` and `[[providers]]`: other providers that people can sign in with.
//! Refuses providers that are not reached by https, except on this machine.

use std::path::PathBuf;

use url::{Host, Url};

use super::{Config, Problems, Secret, file, secret::redacted};

const MOST_PROVIDERS: usize = 20;

/// Signing in with GitHub, or a GitHub Enterprise Server.
#[derive(Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GithubConfig {
    /// The client id of an OAuth App or GitHub App whose callback URL is `ISSUER/login/with/github/callback`.
    pub client_id: String,
    /// The client secret.
    #[serde(default, serialize_with = "redacted")]
    #[schemars(with = "Option<String>")]
    pub client_secret: Option<Secret>,
    /// A file with the client secret, instead of `client_secret`.
    pub client_secret_file: Option<PathBuf>,
    /// Where people are sent.
    #[serde(default = "web_url")]
    pub web_url: String,
    /// Where the REST API is; of a GitHub Enterprise Server `https://HOST/api/v3`.
    #[serde(default = "api_url")]
    pub api_url: String,
}

fn web_url() -> String {
    "https://github.com".to_owned()
}

fn api_url() -> String {
    "https://api.github.com".to_owned()
}

/// An OpenID provider that people can sign in with.
#[derive(Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Its name in addresses, of lower-case letters, digits and hyphens; never changed, since accounts are linked by it. Its
    /// callback URL is `ISSUER/login/with/ID/callback`.
    pub id: String,
    /// What a person reads on its button.
    pub name: String,
    /// Its issuer, where its discovery document is found.
    pub issuer: String,
    /// The client id that it knows this server by.
    pub client_id: String,
    /// The client secret.
    #[serde(default, serialize_with = "redacted")]
    #[schemars(with = "Option<String>")]
    pub client_secret: Option<Secret>,
    /// A file with the client secret, instead of `client_secret`.
    pub client_secret_file: Option<PathBuf>,
    /// What is asked of it; `openid` is always asked.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    /// Which of its claims tell what.
    #[serde(default)]
    pub claims: ClaimsConfig,
    /// Whether its addresses count as proven though it does not say so.
    #[serde(default)]
    pub trust_email: bool,
    /// Only people with a proven address of one of these domains can sign in with it. Without any: all.
    #[serde(default)]
    pub allowed_domains: Vec<String>,
}

fn default_scopes() -> Vec<String> {
    ["openid", "profile", "email"].map(str::to_owned).to_vec()
}

/// The names of a provider's claims.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimsConfig {
    /// The name that the person signs in with there.
    pub login: String,
    /// The full name.
    pub name: String,
    /// The address.
    pub email: String,
    /// Whether the address is proven.
    pub email_verified: String,
    /// The URL of a picture.
    pub avatar: String,
}

impl Default for ClaimsConfig {
    fn default() -> Self {
        Self {
            login: "preferred_username".to_owned(),
            name: "name".to_owned(),
            email: "email".to_owned(),
            email_verified: "email_verified".to_owned(),
            avatar: "picture".to_owned(),
        }
    }
}

pub(super) fn resolve_files(config: &mut Config, problems: &mut Problems) {
    if let Some(github) = &mut config.github {
        let from = (&mut github.client_secret, github.client_secret_file.as_ref());
        resolve(from, "github", problems);
    }
    for provider in &mut config.providers {
        let key = format!("providers.{}", provider.id);
        let from = (&mut provider.client_secret, provider.client_secret_file.as_ref());
        resolve(from, &key, problems);
    }
}

fn resolve((secret, path): (&mut Option<Secret>, Option<&PathBuf>), key: &str, problems: &mut Problems) {
    let Some(path) = path else {
        return;
    };
    problems.add_if(
        secret.is_some(),
        key,
        "has both client_secret and client_secret_file",
    );
    *secret = file::read_secret(path, &format!("{key}.client_secret_file"), problems);
}

pub(super) fn check(github: Option<&GithubConfig>, providers: &[ProviderConfig], problems: &mut Problems) {
    if let Some(github) = github {
        problems.add_if(github.client_id.is_empty(), "github.client_id", "must be set");
        let has_secret = github.client_secret.is_some();
        problems.add_if(!has_secret, "github.client_secret", "must be set");
        for (key, text) in [
            ("github.web_url", &github.web_url),
            ("github.api_url", &github.api_url),
        ] {
            problems.add_if(
                !is_safe(text),
                key,
                "must be an https URL (http only on this machine)",
            );
        }
    }
    let many = providers.len() > MOST_PROVIDERS;
    problems.add_if(many, "providers", "there can be at most 20");
    for (index, provider) in providers.iter().enumerate() {
        let key = format!("providers.{}", provider.id);
        let twice = providers[..index].iter().any(|other| other.id == provider.id);
        problems.add_if(twice, &key, "the id occurs twice");
        provider.check(&key, problems);
    }
}

impl ProviderConfig {
    fn check(&self, key: &str, problems: &mut Problems) {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        problems.add_if(
            !(1..=32).contains(&self.id.len()) || !self.id.bytes().all(plain),
            key,
            "the id must be 1 to 32 lower-case letters, digits and hyphens",
        );
        problems.add_if(self.id == "github", key, "the id github belongs to [github]");
        problems.add_if(
            self.name.is_empty() || self.name.len() > 64,
            key,
            "the name must have 1 to 64 characters",
        );
        problems.add_if(self.client_id.is_empty(), key, "needs a client_id");
        problems.add_if(
            !is_safe(&self.issuer),
            &format!("{key}.issuer"),
            "must be an https URL (http only on this machine)",
        );
        let claims = &self.claims;
        let names = [
            &claims.login,
            &claims.name,
            &claims.email,
            &claims.email_verified,
            &claims.avatar,
        ];
        problems.add_if(
            names.iter().any(|name| name.is_empty() || name.len() > 128),
            &format!("{key}.claims"),
            "each name must have 1 to 128 characters",
        );
        let odd = |domain: &String| domain.is_empty() || domain.contains('@');
        problems.add_if(
            self.allowed_domains.iter().any(odd),
            &format!("{key}.allowed_domains"),
            "must be domains, such as example.com",
        );
    }
}

/// Codes, secrets and tokens travel there.
pub(super) fn is_safe(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    let is_local = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return false,
    };
    let scheme = url.scheme() == "https" || (url.scheme() == "http" && is_local);
    let bare = url.query().is_none() && url.fragment().is_none();
    text.len() <= 2048 && scheme && bare && url.username().is_empty() && url.password().is_none()
}
