//! The access token of one `Authorization` header value (RFC 6750 §2.1, RFC 9449 §7.1).
//! Refuses anything but one token of the right alphabet and a sane length; never trims or guesses.

/// The longest token in bytes.
pub const MAX_TOKEN_LEN: usize = 16 * 1024;

/// How a token is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Alone (RFC 6750 §2.1).
    Bearer,
    /// With a proof beside it (RFC 9449 §7.1).
    DPoP,
}

/// Why a header value has no bearer token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BearerError {
    /// The value is of another scheme: no bearer token was presented.
    #[error("another authentication scheme")]
    OtherScheme,
    /// The scheme is Bearer, but what follows is not exactly one token.
    #[error("malformed bearer token")]
    Malformed,
    /// The token is longer than any real one.
    #[error("bearer token too long")]
    TooLong,
}

/// The token of a header value of the scheme Bearer.
pub fn parse(value: &[u8]) -> Result<&str, BearerError> {
    match parse_any(value)? {
        (Scheme::Bearer, token) => Ok(token),
        (Scheme::DPoP, _) => Err(BearerError::OtherScheme),
    }
}

/// The token of a header value of either scheme.
pub fn parse_any(value: &[u8]) -> Result<(Scheme, &str), BearerError> {
    let scheme_len = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
    let (scheme, rest) = value.split_at(scheme_len);
    // RFC 9110 §11.1: the scheme is case-insensitive
    let scheme = match scheme {
        name if name.eq_ignore_ascii_case(b"bearer") => Scheme::Bearer,
        name if name.eq_ignore_ascii_case(b"dpop") => Scheme::DPoP,
        _ => return Err(BearerError::OtherScheme),
    };
    let start = rest
        .iter()
        .position(|byte| *byte != b' ')
        .ok_or(BearerError::Malformed)?;
    let token = &rest[start..];
    if token.len() > MAX_TOKEN_LEN {
        return Err(BearerError::TooLong);
    }
    if !is_b64token(token) {
        return Err(BearerError::Malformed);
    }
    let token = std::str::from_utf8(token).map_err(|_| BearerError::Malformed)?;
    Ok((scheme, token))
}

/// Whether the bytes are a `b64token` (RFC 6750 §2.1).
#[must_use]
pub fn is_b64token(token: &[u8]) -> bool {
    let padding = token.iter().rev().take_while(|byte| **byte == b'=').count();
    let body = &token[..token.len() - padding];
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    // Without an early end the compiler looks at many bytes at once.
    !body.is_empty() && body.iter().fold(true, |all, byte| all & allowed(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scheme_is_case_insensitive() {
        for value in ["Bearer a.b-c", "bearer a.b-c", "BEARER a.b-c", "Bearer  a.b-c"] {
            assert_eq!(parse(value.as_bytes()), Ok("a.b-c"), "{value}");
        }
        assert_eq!(parse(b"Bearer YWI=="), Ok("YWI=="));
    }

    #[test]
    fn a_token_with_a_proof_is_no_bearer_token() {
        assert_eq!(parse_any(b"dPoP a"), Ok((Scheme::DPoP, "a")));
        assert_eq!(parse_any(b"Bearer a"), Ok((Scheme::Bearer, "a")));
        for value in ["DPoP", "DPoP a b", "DPoP a,b"] {
            assert_eq!(
                parse_any(value.as_bytes()),
                Err(BearerError::Malformed),
                "{value}"
            );
        }
    }

    #[test]
    fn other_schemes_are_no_bearer_token() {
        for value in ["", "Basic YTpi", "BearerX a", "Bearera", "\tBearer a", "DPoP a"] {
            assert_eq!(parse(value.as_bytes()), Err(BearerError::OtherScheme), "{value}");
        }
    }

    #[test]
    fn more_or_less_than_one_token_is_refused() {
        for value in [
            "Bearer",
            "Bearer ",
            "Bearer a b",
            "Bearer a,b",
            "Bearer a ",
            "Bearer =",
            "Bearer a=b",
            "Bearer \u{e9}",
        ] {
            assert_eq!(parse(value.as_bytes()), Err(BearerError::Malformed), "{value}");
        }
    }

    #[test]
    fn length_limit_holds_at_and_one_above() {
        let value = |len: usize| format!("Bearer {}", "a".repeat(len));
        assert!(parse(value(MAX_TOKEN_LEN).as_bytes()).is_ok());
        assert_eq!(
            parse(value(MAX_TOKEN_LEN + 1).as_bytes()),
            Err(BearerError::TooLong)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged_without_panic(value in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(token) = parse(&value) {
                prop_assert!(value.ends_with(token.as_bytes()) && !token.is_empty());
            }
        }
    }
}
