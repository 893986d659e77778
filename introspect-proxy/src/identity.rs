//! The identity headers: reserved, whoever sends them, and set from the permit alone.
//! It refuses header names with underscores, which some upstreams read as dashes.

use crate::decision::Permit;
use crate::facts::Facts;
use crate::refusal::Refusal;
use http::header::{HeaderName, HeaderValue};

/// Names that tell an upstream who calls.
pub const SUBJECT: HeaderName = HeaderName::from_static("x-auth-subject");
/// The OAuth client.
pub const CLIENT: HeaderName = HeaderName::from_static("x-auth-client");
/// The scopes, divided by spaces.
pub const SCOPES: HeaderName = HeaderName::from_static("x-auth-scopes");
/// The session.
pub const SESSION: HeaderName = HeaderName::from_static("x-auth-session");
/// The account that is acted in.
pub const ACCOUNT: HeaderName = HeaderName::from_static("x-auth-account");

/// How names begin, after `x-`, that other proxies use for the same purpose.
const FAMILIES: [&str; 11] = [
    "auth-",
    "user-",
    "original-",
    "remote-",
    "authenticated-",
    "consumer-",
    "webauth-",
    "ssl-client-",
    "goog-authenticated-",
    "ms-client-principal",
    "amzn-oidc-",
];

/// Names, after `x-`, that override what was judged.
const OVERRIDES: [&str; 4] = [
    "http-method-override",
    "http-method",
    "method-override",
    "rewrite-url",
];

/// Whether a header may not come from outside.
#[must_use]
pub fn is_reserved(name: &HeaderName) -> bool {
    let name = name.as_str();
    let foreign = match name.strip_prefix("x-") {
        Some(rest) => FAMILIES.iter().any(|family| rest.starts_with(family)) || OVERRIDES.contains(&rest),
        // The last becomes HTTP_PROXY in a CGI program, which then calls out through it.
        None => {
            name.starts_with("remote-")
                || name.starts_with("ssl-client-")
                || name.starts_with("cf-access-")
                || name == "proxy"
        }
    };
    foreign || name.bytes().any(|byte| byte == b'_')
}

/// Whether a permit can be told to the service whole; a part of the scopes is never told.
///
/// # Errors
/// When the scopes are too long for a header.
pub fn whole(permit: &Permit) -> Result<(), Refusal> {
    match permit.facts() {
        Some(facts) if facts.identity.is_too_large => Err(Refusal::IdentityTooLarge),
        _ => Ok(()),
    }
}

/// The identity headers of a permit.
pub fn headers(permit: &Permit) -> impl Iterator<Item = (HeaderName, HeaderValue)> + '_ {
    permit.facts().into_iter().flat_map(|facts| of(facts))
}

fn of(facts: &Facts) -> impl Iterator<Item = (HeaderName, HeaderValue)> + '_ {
    let values = &facts.identity;
    [
        (SUBJECT, values.subject.as_ref()),
        (CLIENT, values.client.as_ref()),
        (SCOPES, values.scopes.as_ref()),
        (SESSION, values.session.as_ref()),
        (ACCOUNT, values.account.as_ref()),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.map(|value| (name, value.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X06
    #[test]
    fn every_spelling_from_outside_is_removed() {
        let names = [
            "X-Auth-Subject",
            "x-AUTH-subject",
            "X_Auth_Subject",
            "X-User-Id",
            "x-auth-anything",
            "Remote-User",
            "X-Remote-User",
            "X-Original-URL",
            "X-Remote-Group",
            "X-Remote-Extra-Scopes",
            "X-Authenticated-Userid",
            "X-Consumer-Username",
            "X-Ssl-Client-Verify",
            "Ssl-Client-S-Dn",
            "X-Goog-Authenticated-User-Email",
            "X-MS-Client-Principal-Id",
            "X-Amzn-Oidc-Data",
            "Cf-Access-Authenticated-User-Email",
            "X-HTTP-Method-Override",
            "Proxy",
        ];
        for name in names {
            assert!(
                is_reserved(&HeaderName::from_bytes(name.as_bytes()).unwrap()),
                "{name}"
            );
        }
        for name in ["accept", "user-agent", "x-custom", "auth-subject", "original-url"] {
            assert!(!is_reserved(&HeaderName::from_static(name)), "{name}");
        }
    }
}
