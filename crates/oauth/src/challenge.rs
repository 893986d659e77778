//! `WWW-Authenticate` challenges (RFC 6750 §3, RFC 9470 §3, RFC 9728 §5.1, RFC 6749 §5.2).
//! Refuses characters that could break out of a quoted string or out of the header.

use crate::confirmation::HolderError;
use crate::error::{ErrorCode, OAuthError};
use crate::scope::ScopeSet;
use crate::step_up::LoginDemand;
use std::fmt;

/// One challenge, built step by step; its text is the header value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge(String);

impl Challenge {
    /// A challenge for a bearer token.
    #[must_use]
    pub fn bearer(realm: &str) -> Self {
        Self("Bearer".to_owned()).with("realm", realm)
    }

    /// A challenge for a token bound to a key, with a proof signed by one of these algorithms (RFC 9449 §7.1).
    #[must_use]
    pub fn dpop(realm: &str, algorithms: &str) -> Self {
        Self("DPoP".to_owned())
            .with("realm", realm)
            .with("algs", algorithms)
    }

    /// Challenges for a token whose sender does not prove to hold its key: another token would do, and, where the key is not
    /// that of a certificate, a proof signed by one of these algorithms (RFC 9449 §7.1, RFC 8705 §3).
    pub fn unproven_holder(
        realm: &str,
        algorithms: &str,
        holder: HolderError,
    ) -> impl Iterator<Item = Self> + use<> {
        let error = OAuthError::new(ErrorCode::InvalidToken, holder.to_string());
        let bearer = Self::bearer(realm).error(&error);
        // No proof would make up for a certificate.
        let by_proof = holder != HolderError::OtherCertificate;
        let dpop = by_proof.then(|| Self::dpop(realm, algorithms).error(&error));
        std::iter::once(bearer).chain(dpop)
    }

    /// A challenge for the id and secret of a client.
    #[must_use]
    pub fn basic(realm: &str) -> Self {
        Self("Basic".to_owned()).with("realm", realm)
    }

    /// Why the token presented was not enough; left out when none was presented (RFC 6750 §3.1).
    #[must_use]
    pub fn error(self, error: &OAuthError) -> Self {
        let named = self.with("error", error.code().as_str());
        if error.description().is_empty() {
            named
        } else {
            named.with("error_description", error.description())
        }
    }

    /// The scopes that would be enough.
    #[must_use]
    pub fn scope(self, scope: &ScopeSet) -> Self {
        self.with("scope", &scope.to_string())
    }

    /// The authentication contexts that would be enough (RFC 9470 §3).
    #[must_use]
    pub fn acr_values(self, values: &str) -> Self {
        self.with("acr_values", values)
    }

    /// How old the login may be, in seconds (RFC 9470 §3).
    #[must_use]
    pub fn max_age(self, seconds: u64) -> Self {
        self.with("max_age", &seconds.to_string())
    }

    /// The login that would be enough (RFC 9470 §3): both parts, whichever was missed, so that one more login meets them.
    #[must_use]
    pub fn login(self, demand: &LoginDemand) -> Self {
        let classed = match demand.acr_values() {
            Some(values) => self.acr_values(&values),
            None => self,
        };
        match demand.max_age() {
            Some(seconds) => classed.max_age(seconds),
            None => classed,
        }
    }

    /// Where the metadata of the protected resource is (RFC 9728 §5.1).
    #[must_use]
    pub fn resource_metadata(self, url: &str) -> Self {
        self.with("resource_metadata", url)
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push_str(if self.0.contains('=') { ", " } else { " " });
        self.0.push_str(name);
        self.0.push_str("=\"");
        for c in value.chars().filter(|c| matches!(c, ' '..='~')) {
            // RFC 9110 §5.6.4
            if matches!(c, '"' | '\\') {
                self.0.push('\\');
            }
            self.0.push(c);
        }
        self.0.push('"');
        self
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_in_order() {
        let challenge = Challenge::bearer("api")
            .error(&OAuthError::invalid_token())
            .scope(&ScopeSet::parse("a b").unwrap())
            .acr_values("urn:x")
            .max_age(5)
            .resource_metadata("https://api.example/.well-known/oauth-protected-resource");
        insta::assert_snapshot!(challenge.to_string());
    }

    /// RFC 9449 §7.1, RFC 8705 §3
    #[test]
    fn a_proof_is_asked_for_where_one_would_do() {
        let told = |holder| {
            let said = Challenge::unproven_holder("api", "ES256", holder);
            said.map(|challenge| challenge.to_string()).collect::<Vec<_>>()
        };
        let words = "error=\"invalid_token\", error_description=\"the token is bound to a key, and no proof came with it\"";
        assert_eq!(
            told(HolderError::NoProof),
            [
                format!("Bearer realm=\"api\", {words}"),
                format!("DPoP realm=\"api\", algs=\"ES256\", {words}")
            ]
        );
        for (holder, count) in [
            (HolderError::OtherKey, 2),
            (HolderError::NotBound, 2),
            (HolderError::OtherCertificate, 1),
        ] {
            assert_eq!(told(holder).len(), count, "{holder}");
        }
    }

    #[test]
    fn value_cannot_break_out() {
        let text = Challenge::basic("a\"b\\c\r\nX: y\u{e9}").to_string();
        assert_eq!(text, r#"Basic realm="a\"b\\cX: y""#);
    }
}
