//! Why a visit to a provider signed nobody in and linked nothing.
//! Tells no browser more than its own part: what was wrong with a state stays untold.

use std::time::Duration;

use model::ChallengeId;
use storage::StorageError;

use super::provider::UpstreamError;
use super::state::Purpose;
use crate::fault::Fault;
use crate::people::SignInError;

/// What came to nothing, and what it would have been for, when that is known.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct Unfinished {
    pub why: FederationError,
    pub purpose: Option<Purpose>,
}

/// Why nobody was signed in and nothing was linked.
#[derive(Debug, thiserror::Error)]
pub enum FederationError {
    #[error("there is no such provider")]
    UnknownProvider,
    /// Unknown, used, of another browser, provider or door: which it was is nobody's business.
    #[error("this visit did not begin here, or has ended")]
    StateInvalid,
    #[error("the visit took too long")]
    StateExpired,
    #[error("they said no at the provider")]
    Denied,
    #[error("the provider is {0}")]
    Upstream(UpstreamError),
    #[error("the provider gives no address")]
    NoEmail,
    #[error("the provider does not say that the address is theirs")]
    EmailUnverified,
    #[error("addresses of this domain may not sign in")]
    DomainNotAllowed,
    #[error("somebody has this address already")]
    EmailTaken,
    #[error("registration is closed")]
    RegistrationClosed,
    #[error("too many attempts, wait {} s", retry_after.as_secs())]
    TooManyAttempts { retry_after: Duration },
    #[error("the account is disabled")]
    Disabled,
    #[error("the address must be confirmed first")]
    EmailNotVerified { challenge: Option<ChallengeId> },
    #[error("the account is linked to another user")]
    LinkedElsewhere,
    /// Whoever wanted to link an account is not signed in any more.
    #[error("sign in first")]
    SignInFirst,
    #[error("something has changed meanwhile; try again")]
    Stale,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for FederationError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SignInError> for FederationError {
    fn from(error: SignInError) -> Self {
        match error {
            // Somebody else got the address or the account between the look and the write.
            SignInError::Fault(Fault::Storage(StorageError::UniqueViolation))
            | SignInError::Stale
            | SignInError::SessionEnded => Self::Stale,
            SignInError::Fault(fault) => Self::Fault(fault),
        }
    }
}
