//! Test application, test clock, databases, and an OAuth client that walks the flows.
//! Nothing here is part of a shipped program; a broken set-up panics with the reason.

pub mod authenticator;
pub mod clock;
pub mod database;
pub mod letter;
pub mod random;
pub mod signer;
