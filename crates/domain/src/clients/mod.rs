//! OAuth clients under management: from the command line and from the configuration.
//! Refuses to change through one what belongs to the other.

mod check;
mod configured;
mod create;
mod delete;
mod known;
mod list;
mod rotate_secret;

pub use check::ClientProblem;
pub use configured::ConfiguredClient;
pub use create::{CreateClientError, CreatedClient, NewClient};
pub use delete::ChangeClientError;
pub use known::KnownClient;
pub(crate) use known::KnownClients;
