//! Why a signed request is refused, one reason for each rule.
//! Refuses to carry anything secret: what it names is what the request itself said.

/// The rule that failed. None but [`Refusal::Mismatch`] says anything about the secret.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    #[error("the request is not signed")]
    Unsigned,
    #[error("the request is signed in more than one place")]
    SignedTwice,
    #[error("the signature is incomplete: {0}")]
    Incomplete(&'static str),
    #[error("only AWS4-HMAC-SHA256 is accepted")]
    Algorithm,
    #[error("the credential scope has another {0}")]
    Scope(ScopeRule),
    #[error("the date of the request: {0}")]
    Date(&'static str),
    /// A header that must be signed.
    #[error("the header {0} is not signed")]
    HeaderNotSigned(String),
    /// A header that is said to be signed, and is not there.
    #[error("the signed header {0} is missing")]
    HeaderMissing(String),
    /// `UNSIGNED-PAYLOAD` and the streaming forms.
    #[error("the body must be signed")]
    BodyNotSigned,
    #[error("x-amz-content-sha256 is not the digest of the body")]
    BodyMismatch,
    /// What different signers write in different ways, or is no request at all.
    #[error("the request can't be put into its canonical form: {0}")]
    Malformed(&'static str),
    #[error("too many or too long: {0}")]
    TooLarge(&'static str),
    #[error("X-Amz-Expires must be between 1 and {longest} seconds here")]
    Lifetime { longest: u64 },
    #[error("the request was signed too long ago")]
    Expired,
    #[error("the request is dated in the future")]
    NotYetValid,
    #[error("the signature does not match")]
    Mismatch,
}

/// A part of the credential scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScopeRule {
    /// Than the request.
    Date,
    Region,
    Service,
    /// Anything but `aws4_request`.
    Terminator,
}

impl std::fmt::Display for ScopeRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Date => "date than the request",
            Self::Region => "region than this server's",
            Self::Service => "service than this server's",
            Self::Terminator => "end than aws4_request",
        })
    }
}

impl Refusal {
    /// A stable word for it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unsigned => "missing_authentication_token",
            Self::SignedTwice => "ambiguous_signature",
            Self::Incomplete(_) => "incomplete_signature",
            Self::Algorithm => "unsupported_algorithm",
            Self::Scope(_) => "invalid_credential_scope",
            Self::Date(_) => "invalid_date",
            Self::HeaderNotSigned(_) => "header_not_signed",
            Self::HeaderMissing(_) => "signed_header_missing",
            Self::BodyNotSigned => "body_not_signed",
            Self::BodyMismatch => "content_sha256_mismatch",
            Self::Malformed(_) => "malformed_request",
            Self::TooLarge(_) => "request_too_large",
            Self::Lifetime { .. } => "invalid_expires",
            Self::Expired => "request_expired",
            Self::NotYetValid => "request_not_yet_valid",
            Self::Mismatch => "signature_does_not_match",
        }
    }
}
