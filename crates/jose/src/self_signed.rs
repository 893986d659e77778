//! Proofs of possession: a JWS that brings the public key it was signed with (RFC 9449 §4.2).
//! Says only that the signer holds that key; whose key it is, and what the proof is good for, others judge.

use crate::compact::{Compact, own_key};
use crate::jwk::PublicKey;
use crate::key_set::has_private_member;
use crate::{Algorithm, Claims, Policy, VerifyError};

/// The longest proof that is looked at: its key and its signature may be of RSA.
pub const MAX_PROOF_BYTES: usize = 6 * 1024;

/// A proof whose signature is good.
#[derive(Debug, Clone)]
pub struct SelfSigned {
    /// What it says; registered claims are of the right type and range.
    pub claims: Claims,
    /// The RFC 7638 thumbprint of its key.
    pub thumbprint: String,
}

/// Verifies a JWS of that `typ` with the key it brings along, which must be public and fit the algorithm.
///
/// Times are checked for form only.
///
/// # Errors
/// The first reason to refuse the proof.
pub fn verify_self_signed(
    token: &str,
    typ: &str,
    algorithms: &[Algorithm],
) -> Result<SelfSigned, VerifyError> {
    if token.len() > MAX_PROOF_BYTES {
        return Err(VerifyError::Malformed);
    }
    let proof = Compact::parse(token)?;
    let policy = Policy {
        types: &[typ],
        algorithms,
        ..Policy::at(0)
    };
    policy.check_header(proof.header.algorithm, proof.header.typ.as_deref())?;
    let claims = Claims::checked(proof.payload)?;
    let jwk = own_key(token).ok_or(VerifyError::Malformed)?;
    // RFC 9449 §4.3, 7: the key must not contain a private key.
    if has_private_member(&jwk) {
        return Err(VerifyError::Malformed);
    }
    let key = PublicKey::read(&jwk).ok_or(VerifyError::Malformed)?;
    if !key.supports(proof.header.algorithm) {
        return Err(VerifyError::UnsupportedAlgorithm);
    }
    if !key.verifies(
        proof.header.algorithm,
        proof.signing_input.as_bytes(),
        &proof.signature,
    ) {
        return Err(VerifyError::BadSignature);
    }
    Ok(SelfSigned {
        claims,
        thumbprint: key.thumbprint(),
    })
}
