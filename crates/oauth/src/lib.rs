//! Wire types and pure rules of OAuth 2 and OpenID Connect, one noun per module.
//! Refuses I/O, clocks and randomness: callers hand in bytes and instants.

pub mod bearer;
pub mod challenge;
pub mod claims;
pub mod error;
pub mod introspection;
pub mod opaque;
pub mod params;
pub mod revocation;
pub mod revocation_index;
pub mod revocations;
pub mod scope;
