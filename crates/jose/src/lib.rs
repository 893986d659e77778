//! JSON Web Keys, signing and verification for the two programs; the only importer of josekit.
//! Refuses to fetch anything, to read a clock, and to let a token choose its key or its algorithm; only a proof brings a key.

mod algorithm;
mod claims;
mod compact;
mod error;
mod half_hash;
mod jwk;
mod key_set;
mod policy;
mod self_signed;
mod signer;
mod signing_key;
mod strict_json;
mod verifier;
mod verify;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use claims::Claims;
pub use compact::{MAX_KID_CHARS, MAX_TOKEN_BYTES, looks_like_jws, peek_claim};
pub use error::{JoseError, KeySetError, VerifyError};
pub use half_hash::half_hash;
pub use jwk::PublicKey;
pub use key_set::{KeySet, MAX_KEY_SET_BYTES, MAX_KEYS};
pub use policy::{AudienceRule, Policy};
pub use self_signed::{MAX_PROOF_BYTES, SelfSigned, verify_self_signed};
pub use signing_key::SigningKey;
pub use strict_json::parse_strict;
pub use verify::verify;
