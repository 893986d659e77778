//! What a token must say to be accepted at one place, judged on the parsed claims.
//! Knows nothing of keys and signatures, and takes the time as a number.

use crate::{Algorithm, Claims, VerifyError};

/// The demand on `aud`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudienceRule<'a> {
    /// This value is among the audiences.
    Contains(&'a str),
    /// `aud` is a string and this value, not a list.
    SingleString(&'a str),
    /// At least one of these values is among the audiences.
    AnyOf(&'a [&'a str]),
}

/// The rules of one place that accepts tokens; start from [`Policy::at`].
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// Accepted `typ` values; empty: `typ` is not looked at.
    pub types: &'a [&'a str],
    /// Accepted algorithms; empty accepts none.
    pub algorithms: &'a [Algorithm],
    /// The exact `iss`.
    pub issuer: Option<&'a str>,
    /// The demand on `aud`.
    pub audience: Option<AudienceRule<'a>>,
    /// Now, in seconds since the epoch.
    pub now: i64,
    /// Seconds by which clocks may differ.
    pub leeway: i64,
    /// Whether a token without `exp` is refused.
    pub require_exp: bool,
    /// The longest time in seconds from `iat`, and from now, until `exp`; demands `exp`.
    pub max_lifetime: Option<i64>,
    /// Accepts an expired token, as for an ID token hint.
    pub ignore_expiry: bool,
}

impl Policy<'_> {
    /// A policy for this moment that demands `exp`, allows no leeway, and accepts no algorithm until told which.
    #[must_use]
    pub const fn at(now: i64) -> Self {
        Self {
            types: &[],
            algorithms: &[],
            issuer: None,
            audience: None,
            now,
            leeway: 0,
            require_exp: true,
            max_lifetime: None,
            ignore_expiry: false,
        }
    }

    pub(crate) fn check_header(&self, algorithm: Algorithm, typ: Option<&str>) -> Result<(), VerifyError> {
        if !self.algorithms.contains(&algorithm) {
            return Err(VerifyError::UnsupportedAlgorithm);
        }
        let accepted = |typ| self.types.iter().any(|expected| same_type(expected, typ));
        if self.types.is_empty() || typ.is_some_and(accepted) {
            Ok(())
        } else {
            Err(VerifyError::WrongType)
        }
    }

    pub(crate) fn check_claims(&self, claims: &Claims) -> Result<(), VerifyError> {
        if self
            .issuer
            .is_some_and(|issuer| claims.text("iss") != Some(issuer))
        {
            return Err(VerifyError::WrongIssuer);
        }
        if self.audience.is_some_and(|rule| !rule.accepts(claims)) {
            return Err(VerifyError::WrongAudience);
        }
        self.check_start(claims)?;
        self.check_end(claims)
    }

    /// RFC 7519 §4.1.5 and §4.1.6.
    fn check_start(&self, claims: &Claims) -> Result<(), VerifyError> {
        let latest = self.now.saturating_add(self.leeway);
        let future = ["nbf", "iat"]
            .iter()
            .any(|name| claims.int(name).is_some_and(|start| start > latest));
        if future {
            Err(VerifyError::NotYetValid)
        } else {
            Ok(())
        }
    }

    /// RFC 7519 §4.1.4: at `exp` the token is no longer accepted.
    fn check_end(&self, claims: &Claims) -> Result<(), VerifyError> {
        let invalid = VerifyError::InvalidClaim { name: "exp" };
        let Some(exp) = claims.int("exp") else {
            let required = self.require_exp || self.max_lifetime.is_some();
            return if required { Err(invalid) } else { Ok(()) };
        };
        if let Some(max) = self.max_lifetime {
            let from_issue = claims.int("iat").is_some_and(|iat| exp.saturating_sub(iat) > max);
            let from_now = exp.saturating_sub(self.now) > max.saturating_add(self.leeway);
            if from_issue || from_now {
                return Err(invalid);
            }
        }
        let expired = self.now >= exp.saturating_add(self.leeway);
        if expired && !self.ignore_expiry {
            Err(VerifyError::Expired)
        } else {
            Ok(())
        }
    }
}

impl AudienceRule<'_> {
    fn accepts(&self, claims: &Claims) -> bool {
        match self {
            Self::Contains(one) => claims.audience().contains(one),
            Self::SingleString(one) => claims.text("aud") == Some(*one),
            Self::AnyOf(any) => claims.audience().iter().any(|audience| any.contains(audience)),
        }
    }
}

/// RFC 7515 §4.1.9: media types compare without case, and `application/` may be left out.
fn same_type(left: &str, right: &str) -> bool {
    fn short(name: &str) -> &str {
        const PREFIX: &str = "application/";
        match name.get(..PREFIX.len()) {
            Some(start) if start.eq_ignore_ascii_case(PREFIX) => &name[PREFIX.len()..],
            _ => name,
        }
    }
    short(left).eq_ignore_ascii_case(short(right))
}
