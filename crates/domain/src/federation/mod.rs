//! Other providers' word for who somebody is: signing in with it, and the accounts that are linked for it.
//! Refuses to take an address for an identity: only the provider's own name for an account says whose it is.

mod accounts;
mod finish;
mod introduction;
mod loopback;
mod newcomer;
mod over_program;
mod provider;
mod start;
mod state;
mod tokens;
mod unfinished;

pub use accounts::UnlinkError;
pub use finish::{Callback, Finished};
pub(crate) use introduction::Introduction;
pub use loopback::{LoopbackError, LoopbackRedirect};
pub use over_program::Return;
pub use provider::{
    Answer, Attempt, Identity, IdentityProvider, ProviderInfo, Providers, UpstreamEmail, UpstreamError,
    UpstreamTokens,
};
pub use start::{Start, StartError};
pub use state::Purpose;
pub use tokens::UpstreamTokenError;
pub use unfinished::{FederationError, Unfinished};
