//! The port to a provider: what is asked of it, and what it may answer.
//! Refuses to know protocols: HTTP and its libraries are the adapter's.

use std::sync::Arc;

use async_trait::async_trait;
use model::{PlainSecret, Timestamp};
use url::Url;

use crate::clients::ClientDocuments;
use crate::github_app::GithubApp;

/// What people and pages know about a provider.
#[derive(Clone)]
pub struct ProviderInfo {
    /// Part of addresses and of stored identities, so never changed.
    pub id: String,
    pub name: String,
    /// Where people are sent, as far as pages have to know.
    pub web: Url,
    /// Domains of the addresses that may sign in; empty: all.
    pub allowed_domains: Vec<String>,
}

/// One visit to the provider: what binds its answer to this browser and this server.
pub struct Attempt {
    pub state: PlainSecret,
    pub nonce: PlainSecret,
    /// RFC 7636 §4.1.
    pub verifier: PlainSecret,
    pub redirect_uri: Url,
    /// Whether the person is asked there as whom to go on.
    pub choose_account: bool,
}

/// What came back with the browser.
pub struct Answer {
    pub code: PlainSecret,
    /// RFC 9207 §2.
    pub issuer: Option<String>,
}

/// Who somebody is at the provider.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// Never changes hands.
    pub subject: String,
    pub login: Option<String>,
    pub name: Option<String>,
    pub avatar: Option<String>,
    pub email: Option<UpstreamEmail>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UpstreamEmail {
    pub address: String,
    /// Whether the provider says that it is theirs.
    pub verified: bool,
}

/// What the provider gave us to act for the person there.
#[derive(Clone)]
pub struct UpstreamTokens {
    pub access: PlainSecret,
    pub refresh: Option<PlainSecret>,
    pub expires_at: Option<Timestamp>,
}

/// Why the provider is of no help. The words are for the log, not for people.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// Out of reach, too slow, or out of order.
    #[error("not available: {0}")]
    Unavailable(String),
    /// It says no.
    #[error("refused: {0}")]
    Refused(String),
    /// What it says is not to be believed.
    #[error("not to be believed: {0}")]
    Untrusted(String),
}

#[async_trait]
pub trait IdentityProvider: Send + Sync {
    fn info(&self) -> &ProviderInfo;

    /// Where the browser is sent.
    ///
    /// # Errors
    /// When the provider can't be asked where that is.
    async fn authorization_url(&self, attempt: &Attempt) -> Result<Url, UpstreamError>;

    /// Redeems the code and finds out who it is for.
    ///
    /// # Errors
    /// See [`UpstreamError`].
    async fn introduce(
        &self,
        attempt: &Attempt,
        answer: &Answer,
    ) -> Result<(Identity, UpstreamTokens), UpstreamError>;

    /// New tokens for a refresh token.
    ///
    /// # Errors
    /// See [`UpstreamError`].
    async fn refresh(&self, refresh: &PlainSecret) -> Result<UpstreamTokens, UpstreamError>;

    /// Ends the tokens at the provider; those that it does not know any more are ended.
    ///
    /// # Errors
    /// When it should be tried again.
    async fn revoke(&self, tokens: &UpstreamTokens) -> Result<(), UpstreamError>;
}

/// The configured providers, in the order people see them, our app at GitHub, and whoever fetches clients' documents.
#[derive(Clone, Default)]
pub struct Providers {
    all: Vec<Arc<dyn IdentityProvider>>,
    github_app: Option<Arc<dyn GithubApp>>,
    client_documents: Option<Arc<dyn ClientDocuments>>,
}

impl Providers {
    pub fn new(providers: Vec<Arc<dyn IdentityProvider>>) -> Self {
        Self {
            all: providers,
            github_app: None,
            client_documents: None,
        }
    }

    #[must_use]
    pub fn with_github_app(mut self, app: Arc<dyn GithubApp>) -> Self {
        self.github_app = Some(app);
        self
    }

    /// Whoever fetches what clients publish of themselves.
    #[must_use]
    pub fn with_client_documents(mut self, documents: Arc<dyn ClientDocuments>) -> Self {
        self.client_documents = Some(documents);
        self
    }

    pub fn client_documents(&self) -> Option<&dyn ClientDocuments> {
        self.client_documents.as_deref()
    }

    pub fn github_app(&self) -> Option<&dyn GithubApp> {
        self.github_app.as_deref()
    }

    pub fn find(&self, id: &str) -> Option<&Arc<dyn IdentityProvider>> {
        self.all.iter().find(|provider| provider.info().id == id)
    }

    pub fn infos(&self) -> impl Iterator<Item = &ProviderInfo> {
        self.all.iter().map(|provider| provider.info())
    }
}
