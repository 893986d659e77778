//! AWS Signature Version 4: parse, canonicalise and verify what a request was signed with.
//! Refuses whatever could be read in two ways, knows no clock and no store, and never signs for others.

mod authorization;
mod canonical;
mod credential;
mod instant;
mod presented;
mod presigned;
mod refusal;
mod request;
mod signature;

pub use presented::{Presented, Verified};
pub use refusal::{Refusal, ScopeRule};
pub use request::{PathForm, Request, Rules};
