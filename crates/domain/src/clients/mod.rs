//! OAuth clients under management: from the command line and from the configuration.
//! Refuses to change through one what belongs to the other.

mod administer;
mod built_in;
mod check;
mod configured;
mod create;
mod delete;
mod known;
mod list;
mod rotate_secret;
mod strangers;

pub use administer::{ClientChange, ListedClient, PER_PAGE, UpdateClientError};
pub(crate) use built_in::BuiltInClient;
pub use check::ClientProblem;
pub use configured::ConfiguredClient;
pub use create::{CreateClientError, CreatedClient, NewClient};
pub use delete::ChangeClientError;
pub use known::KnownClient;
pub(crate) use known::KnownClients;
pub use strangers::{
    ClientDocuments, DocumentError, FetchedDocument, LookAfterError, RegisterClientError, RegisteredClient,
    UpdatedRegistration,
};
pub(crate) use strangers::{DocumentRefusal, FailedDocuments};
