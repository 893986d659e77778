//! The port to GitHub as its app: what is asked of it, and what it may answer.
//! Refuses to know HTTP, keys and tokens: they are the adapter's.

use std::time::Duration;

use async_trait::async_trait;
use model::PlainSecret;
use model::github_app::{Installation, InstallationId, Repository};
use url::Url;

/// Why GitHub is of no help. The words are for the log, not for people.
#[derive(Debug, thiserror::Error)]
pub enum GithubError {
    #[error("not found")]
    NotFound,
    #[error("suspended")]
    Suspended,
    /// A token or the app's own signature is not taken.
    #[error("refused: {0}")]
    Refused(String),
    #[error("asks to wait {} s", retry_after.as_secs())]
    Limited { retry_after: Duration },
    #[error("not available: {0}")]
    Unavailable(String),
}

#[async_trait]
pub trait GithubApp: Send + Sync {
    /// Where people install it; what comes back with them is `state`.
    fn install_url(&self, state: &str) -> Url;

    /// The installation, if the person with this token sees it.
    ///
    /// # Errors
    /// See [`GithubError`]; `Refused` when the token has ended or is of another kind.
    async fn find_visible(
        &self,
        token: &PlainSecret,
        id: InstallationId,
    ) -> Result<Option<Installation>, GithubError>;

    /// What the installation reaches, all of it.
    ///
    /// # Errors
    /// See [`GithubError`].
    async fn repositories(&self, id: InstallationId) -> Result<Vec<Repository>, GithubError>;

    /// Ends the installation; one that is not there any more has ended.
    ///
    /// # Errors
    /// See [`GithubError`].
    async fn uninstall(&self, id: InstallationId) -> Result<(), GithubError>;

    /// Whether these bytes come from GitHub, by the header that it signs them in. Constant time.
    fn is_genuine(&self, body: &[u8], signature: &str) -> bool;
}
