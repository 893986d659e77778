//! Capabilities: the rules, transactions and audit of everything the server can do, one folder per family, one file per verb.
//! Refuses HTTP words and SQL: surfaces, pages and endpoints are doors into this crate, storage is below it.

pub mod access_keys;
pub mod api_keys;
pub mod authority;
pub mod billing;
pub mod caller;
pub mod clients;
pub mod fault;
pub mod federation;
pub mod github_app;
pub mod housekeeping;
pub mod iam;
pub mod idempotency;
pub mod jobs;
pub mod keys;
pub mod licences;
pub mod mail;
pub mod oauth;
pub mod operation;
pub mod people;
pub mod revocation;
pub mod sealing;
pub mod settings;
pub mod teams;

pub mod audit;

pub use authority::Authority;
pub use caller::{Caller, IdentifyError};
pub use fault::Fault;
pub use settings::Settings;
