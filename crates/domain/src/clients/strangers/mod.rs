//! Clients that nobody has registered by hand: they register themselves (RFC 7591, 7592), or publish what they are.
//! Refuses them everything the operator has not opened to strangers, and anything but the code grant.

mod document;
mod document_url;
mod forget;
mod initial_access;
mod look_after;
mod narrow;
mod register;

pub use document::{ClientDocuments, DocumentError, FetchedDocument};
pub(crate) use document::{DocumentRefusal, FailedDocuments};
pub use look_after::{LookAfterError, UpdatedRegistration};
pub use register::{RegisterClientError, RegisteredClient};
