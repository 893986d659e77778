//! The one way a token becomes claims: form, policy on the header, key, signature, policy on the claims.
//! Never takes a key, an address or an algorithm from the token.

use crate::compact::{Compact, Header};
use crate::jwk::PublicKey;
use crate::{Claims, KeySet, Policy, VerifyError};

/// Verifies a compact JWS with a key of the set and judges its claims by the policy.
///
/// Claims are checked for form before the signature and for meaning after it, so an answer such as
/// [`VerifyError::Expired`] is given only about tokens that one of the keys has signed.
///
/// # Errors
/// The first reason to refuse the token; [`VerifyError::UnknownKey`] when another key set might help.
pub fn verify(token: &str, keys: &KeySet, policy: &Policy<'_>) -> Result<Claims, VerifyError> {
    let token = Compact::parse(token)?;
    policy.check_header(token.header.algorithm, token.header.typ.as_deref())?;
    let claims = Claims::checked(token.payload)?;
    let key = choose(keys, &token.header)?;
    if !key.verifies(
        token.header.algorithm,
        token.signing_input.as_bytes(),
        &token.signature,
    ) {
        return Err(VerifyError::BadSignature);
    }
    policy.check_claims(&claims)?;
    Ok(claims)
}

fn choose<'a>(keys: &'a KeySet, header: &Header) -> Result<&'a PublicKey, VerifyError> {
    let kid = header.kid.as_deref();
    keys.find(kid, header.algorithm).ok_or_else(|| {
        // A key of that name exists but is pinned to another algorithm: no other set would help.
        if kid.is_some_and(|kid| keys.kids().any(|known| known == kid)) {
            return VerifyError::UnsupportedAlgorithm;
        }
        VerifyError::UnknownKey {
            kid: header.kid.clone(),
        }
    })
}
