//! What can go wrong with a key, a key set or a token.
//! Never carries key material or the text of a claim.

/// A signing key could not be made, read or used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoseError {
    /// The key could not be generated.
    #[error("key generation failed: {0}")]
    Generation(String),
    /// The bytes are not a private key for that algorithm.
    #[error("not a private key for this algorithm")]
    InvalidKey,
    /// The `typ` is not a media type name that may stand in a header.
    #[error("not a usable typ value")]
    InvalidType,
    /// The claims are not a JSON object, or one of their times is not an integer.
    #[error("claims must be a JSON object with integer times")]
    InvalidClaims,
    /// The signature could not be computed.
    #[error("signing failed: {0}")]
    Signing(String),
}

/// A JWK Set that is refused as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// Larger than [`crate::MAX_KEY_SET_BYTES`].
    #[error("key set is too large")]
    TooLarge,
    /// More than [`crate::MAX_KEYS`] entries.
    #[error("key set has too many keys")]
    TooManyKeys,
    /// Not a JSON object with an array `keys` of objects, or a member occurs twice.
    #[error("not a JWK Set")]
    Malformed,
    /// An asymmetric key comes with a private member.
    #[error("key set contains a private key")]
    PrivateMember,
    /// Two usable keys have the same `kid`.
    #[error("key set names two keys alike")]
    DuplicateKid,
}

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Not a compact JWS within our limits, or its header asks for what we refuse.
    #[error("malformed token")]
    Malformed,
    /// The algorithm is unknown, not accepted here, or not the one of the named key.
    #[error("unsupported signature algorithm")]
    UnsupportedAlgorithm,
    /// No key of the set fits; the caller may fetch the set anew.
    #[error("unknown key")]
    UnknownKey {
        /// The key id the token asks for.
        kid: Option<String>,
    },
    /// The signature does not match.
    #[error("bad signature")]
    BadSignature,
    /// The `typ` is missing or not accepted here.
    #[error("wrong token type")]
    WrongType,
    /// A claim is missing, of the wrong type, or out of range.
    #[error("invalid claim {name}")]
    InvalidClaim {
        /// The claim.
        name: &'static str,
    },
    /// The token has expired.
    #[error("token has expired")]
    Expired,
    /// `nbf` or `iat` lies in the future.
    #[error("token is not valid yet")]
    NotYetValid,
    /// The issuer is not the expected one.
    #[error("wrong issuer")]
    WrongIssuer,
    /// The audience is not the expected one.
    #[error("wrong audience")]
    WrongAudience,
}
