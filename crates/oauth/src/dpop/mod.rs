//! DPoP (RFC 9449): what a proof must say to go with one request.
//! Refuses keys and signatures: those are `jose`'s; here the claims of a proof with a good signature are judged.

mod nonce;
mod proof;
mod target;

pub use nonce::{NonceKey, NonceVerdict};
pub use proof::{Expected, MAX_JTI, Proof, ProofError, access_token_hash};
pub use target::{Target, TargetError};

/// The `typ` of a proof (RFC 9449 §4.2).
pub const PROOF_TYPE: &str = "dpop+jwt";
/// The header of a proof (RFC 9449 §4.1).
pub const HEADER: &str = "dpop";
/// The header of a nonce (RFC 9449 §8.1).
pub const NONCE_HEADER: &str = "dpop-nonce";
/// How old a proof may be, in seconds.
pub const MAX_AGE: i64 = 60;
/// How far a client's clock may be ahead, in seconds.
pub const MAX_AHEAD: i64 = 10;
/// How long a used proof is remembered, in seconds: until it is too old anyhow, by the clock of any replica.
pub const REMEMBERED: i64 = MAX_AGE + MAX_AHEAD + 60;
