//! What no caller can do anything about.
//! Refuses to be matched: a fault is logged once at the outer layer and answered with 500 or 503.

use storage::StorageError;

/// A failure of the machinery, as opposed to a reason.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("storage: {0}")]
    Storage(#[from] StorageError),
    #[error("jose: {0}")]
    Jose(#[from] jose::JoseError),
    #[error("a sealed value can't be opened: {0}")]
    Sealed(&'static str),
    #[error("no active signing key for {0}")]
    NoSigningKey(jose::Algorithm),
    #[error("password hashing: {0}")]
    Hashing(String),
    #[error("passkeys: {0}")]
    Passkeys(&'static str),
    #[error("overloaded: {0}")]
    Overloaded(&'static str),
}

impl Fault {
    /// Whether the same request may succeed a moment later: 503 rather than 500.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Storage(error) => error.is_transient(),
            Self::Overloaded(_) => true,
            Self::Jose(_)
            | Self::Sealed(_)
            | Self::NoSigningKey(_)
            | Self::Hashing(_)
            | Self::Passkeys(_) => false,
        }
    }
}
