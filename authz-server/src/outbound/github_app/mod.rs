//! GitHub as its app: RS256 JWTs, installation tokens, and the REST API behind them.
//! Follows links only within the API, asks nothing while GitHub wants to be left alone, and keeps no token beyond its life.

mod answer;
mod app_token;
mod link;
mod patience;
mod signature;

use std::sync::Arc;

use async_trait::async_trait;
use domain::github_app::{GithubApp, GithubError};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Response, StatusCode};
use model::github_app::{Installation, InstallationId, Repository};
use model::{Clock, PlainSecret, SecretDigest};
use serde::de::DeserializeOwned;
use url::Url;

use super::federation::{Outside, ProvidersError};
use crate::config::{GithubAppConfig, GithubConfig, Secret};
use answer::{Installations, Repositories};
use app_token::{AppToken, InstallationTokens};
use patience::Patience;

/// A page of a hundred repositories has about half of it.
const MOST_BYTES: usize = 2 * 1024 * 1024;
const MOST_PAGES: usize = 50;
const VERSION: (&str, &str) = ("x-github-api-version", "2022-11-28");

/// The app as it is registered at GitHub.
pub struct App {
    web: Url,
    api: Url,
    slug: String,
    webhook_secret: Option<Secret>,
    token: AppToken,
    installations: InstallationTokens,
    patience: Patience,
    outside: Outside,
    clock: Arc<dyn Clock>,
}

/// Whom a request is made for; GitHub counts each on its own.
enum Bearer<'a> {
    App,
    Installation(InstallationId, &'a PlainSecret),
    User(&'a PlainSecret),
}

impl Bearer<'_> {
    fn name(&self) -> String {
        match self {
            Self::App => "app".to_owned(),
            Self::Installation(id, _) => format!("installation {id}"),
            Self::User(token) => {
                let digest = SecretDigest::of(token.expose());
                let short = digest.as_bytes().iter().take(16);
                short.fold("user ".to_owned(), |name, byte| format!("{name}{byte:02x}"))
            }
        }
    }
}

impl App {
    /// # Errors
    /// When an address is none or the key can't be used.
    pub fn new(
        (github, config): (&GithubConfig, &GithubAppConfig),
        outside: Outside,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ProvidersError> {
        let unusable = || ProvidersError::Address("github_app".to_owned());
        let address = |text: &str| Url::parse(text.trim_end_matches('/')).map_err(|_| unusable());
        let key = config.private_key.as_ref().ok_or_else(unusable)?;
        Ok(Self {
            web: address(&github.web_url)?,
            api: address(&github.api_url)?,
            slug: config.slug.clone(),
            webhook_secret: config.webhook_secret.clone(),
            token: AppToken::new(config.app_id, key).ok_or_else(unusable)?,
            installations: InstallationTokens::default(),
            patience: Patience::default(),
            outside: outside.reading(MOST_BYTES),
            clock,
        })
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.api.as_str().trim_end_matches('/'))
    }

    /// An answer that is a success, or what its failure means.
    async fn ask(
        &self,
        bearer: &Bearer<'_>,
        (method, address): (Method, &str),
        body: &str,
    ) -> Result<Response<Vec<u8>>, GithubError> {
        let now = self.clock.now();
        let name = bearer.name();
        self.patience.check(&name, now)?;
        let token = match bearer {
            Bearer::App => self.token.mint(now)?,
            Bearer::Installation(_, token) | Bearer::User(token) => PlainSecret::new(token.expose()),
        };
        let request = http::Request::builder()
            .method(method)
            .uri(address)
            .header(ACCEPT, "application/vnd.github+json")
            .header(CONTENT_TYPE, "application/json")
            .header(VERSION.0, VERSION.1)
            .header(AUTHORIZATION, authorization(&token)?)
            .body(body.as_bytes().to_vec())
            .map_err(|_| GithubError::Unavailable("an address that is none".to_owned()))?;
        let sent = self.outside.clone().send(request).await;
        let answer = sent.map_err(|error| GithubError::Unavailable(error.to_string()))?;
        match answer::judge(&answer, now) {
            Ok(()) => Ok(answer),
            Err(error) => {
                if let GithubError::Limited { retry_after } = &error {
                    self.patience.wait(name, now.plus(*retry_after));
                }
                Err(error)
            }
        }
    }

    /// Page after page of a list, as GitHub links them (RFC 8288 §3).
    async fn walk<T: DeserializeOwned>(
        &self,
        bearer: &Bearer<'_>,
        path: &str,
        mut each: impl FnMut(T) -> bool + Send,
    ) -> Result<(), GithubError> {
        let mut next = Some(self.address(path));
        for _ in 0..MOST_PAGES {
            let Some(address) = next else {
                return Ok(());
            };
            let page = self.ask(bearer, (Method::GET, &address), "").await?;
            if !each(answer::read(&page)?) {
                return Ok(());
            }
            next = link::next(page.headers(), &self.api)?;
        }
        match next {
            None => Ok(()),
            Some(_) => Err(GithubError::Unavailable("a list without an end".to_owned())),
        }
    }

    /// A token that lives for a while yet.
    async fn installation_token(&self, id: InstallationId) -> Result<PlainSecret, GithubError> {
        let now = self.clock.now();
        if let Some(token) = self.installations.find(id, now) {
            return Ok(token);
        }
        let address = self.address(&format!("/app/installations/{id}/access_tokens"));
        let least = r#"{"permissions":{"metadata":"read"}}"#;
        let answer = self.ask(&Bearer::App, (Method::POST, &address), least).await?;
        let minted: answer::Minted = answer::read(&answer)?;
        Ok(self.installations.keep(id, &minted))
    }

    async fn read_repositories(
        &self,
        id: InstallationId,
        token: &PlainSecret,
    ) -> Result<Vec<Repository>, GithubError> {
        let mut found = Vec::new();
        let path = "/installation/repositories?per_page=100";
        self.walk(&Bearer::Installation(id, token), path, |page: Repositories| {
            found.extend(page.repositories.into_iter().map(Repository::from));
            true
        })
        .await?;
        Ok(found)
    }
}

/// Unreadable for whoever logs headers.
fn authorization(token: &PlainSecret) -> Result<HeaderValue, GithubError> {
    let value = HeaderValue::try_from(format!("Bearer {}", token.expose()));
    let mut value = value.map_err(|_| GithubError::Refused("a token that no header can carry".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

#[async_trait]
impl GithubApp for App {
    fn install_url(&self, state: &str) -> Url {
        let mut url = self.web.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty()
                .extend(["apps", &self.slug, "installations", "new"]);
        }
        url.query_pairs_mut().append_pair("state", state);
        url
    }

    async fn find_visible(
        &self,
        token: &PlainSecret,
        id: InstallationId,
    ) -> Result<Option<Installation>, GithubError> {
        let mut found = None;
        let path = "/user/installations?per_page=100";
        self.walk(&Bearer::User(token), path, |page: Installations| {
            found = page.installations.into_iter().find(|one| one.id == id);
            found.is_none()
        })
        .await?;
        // Another app's installations have numbers of the same kind.
        let own = found.filter(|found| found.app_id == self.token.app_id());
        Ok(own.map(Installation::from))
    }

    async fn repositories(&self, id: InstallationId) -> Result<Vec<Repository>, GithubError> {
        let token = self.installation_token(id).await?;
        match self.read_repositories(id, &token).await {
            // It ended early: at a suspension, or when its repositories were chosen anew.
            Err(GithubError::Refused(_)) => {
                self.installations.forget(id);
                let token = self.installation_token(id).await?;
                self.read_repositories(id, &token).await
            }
            read => read,
        }
    }

    async fn uninstall(&self, id: InstallationId) -> Result<(), GithubError> {
        self.installations.forget(id);
        let address = self.address(&format!("/app/installations/{id}"));
        match self.ask(&Bearer::App, (Method::DELETE, &address), "").await {
            Ok(answer) if answer.status() == StatusCode::NO_CONTENT => Ok(()),
            Ok(answer) => Err(GithubError::Unavailable(format!(
                "uninstall: {}",
                answer.status()
            ))),
            Err(GithubError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn is_genuine(&self, body: &[u8], signature: &str) -> bool {
        let secret = self.webhook_secret.as_ref();
        secret.is_some_and(|secret| signature::verifies(secret.expose(), body, signature))
    }
}
