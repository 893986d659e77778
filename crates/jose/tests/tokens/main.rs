//! The crate through its public door: keys, sets and tokens, honest and forged.
//! Holds no test itself.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod claim_rules;
mod foreign_key_sets;
mod forge;
mod forged_headers;
mod forms;
mod proofs;
mod properties;
mod round_trip;
