//! Our app at GitHub: who has installed it, what it reaches there, and what GitHub tells of it.
//! Refuses to believe a browser: an installation belongs to whoever GitHub itself lets see it.

pub mod event;
pub mod install;
pub mod installations;
pub mod port;
pub mod repositories;

pub use event::{Delivery, EventError, Taken};
pub use install::Returned;
pub use port::{GithubApp, GithubError};

use std::time::Duration;

use storage::StorageError;

use crate::fault::Fault;

/// The provider whose linked accounts see installations.
pub const PROVIDER: &str = "github";

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum GithubAppError {
    #[error("no GitHub App is configured")]
    NotConfigured,
    #[error("this visit did not begin here, or took too long")]
    StateInvalid,
    #[error("sign in first")]
    SignInFirst,
    /// Unknown, of somebody else, or not visible to the user at GitHub.
    #[error("there is no such installation")]
    NotFound,
    #[error("no account at GitHub is linked")]
    NoGithubAccount,
    /// The user has to sign in at GitHub again.
    #[error("GitHub does not stand by the linked account any more")]
    AccountEnded,
    #[error("no installation is active")]
    NoneActive,
    #[error("the installation is suspended at GitHub")]
    Suspended,
    #[error("only the account itself, or who installed it, can end the installation")]
    NotAllowed,
    #[error("GitHub asks to wait {} s", retry_after.as_secs())]
    Limited { retry_after: Duration },
    /// The words are for the log.
    #[error("GitHub is not available: {0}")]
    Unavailable(String),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for GithubAppError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<GithubError> for GithubAppError {
    fn from(error: GithubError) -> Self {
        match error {
            GithubError::NotFound => Self::NotFound,
            GithubError::Suspended => Self::Suspended,
            GithubError::Limited { retry_after } => Self::Limited { retry_after },
            GithubError::Refused(words) | GithubError::Unavailable(words) => Self::Unavailable(words),
        }
    }
}
