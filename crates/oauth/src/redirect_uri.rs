//! Redirect URIs: what may be registered, and what a request may name (RFC 6749 §3.1.2, RFC 8252 §7).
//! Refuses patterns, fragments, user names and every difference but the port of a native loopback URI.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The longest redirect URI in bytes.
pub const MAX_LEN: usize = 2048;

/// Where a client runs (OpenID Connect Registration §2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationType {
    /// On a web server or in a browser.
    #[default]
    Web,
    /// Installed on a device of the user.
    Native,
}

impl ApplicationType {
    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Native => "native",
        }
    }

    /// The type with this registered name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Web, Self::Native]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// Why a URI may not be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// Too long, not an absolute URI, or with characters that no URI has.
    #[error("not an absolute URI")]
    Malformed,
    /// It has a fragment.
    #[error("a redirect URI has no fragment")]
    Fragment,
    /// It has a user name or password.
    #[error("a redirect URI has no user information")]
    UserInfo,
    /// It has a `*`.
    #[error("a redirect URI has no wildcard")]
    Wildcard,
    /// The scheme is not open to this application type.
    #[error("the scheme is not allowed for this application type")]
    Scheme,
    /// Plain http to a host that is not this machine.
    #[error("http is allowed on loopback hosts only")]
    Insecure,
}

/// A redirect URI as it was registered; compared, never normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredRedirectUri {
    text: String,
    application_type: ApplicationType,
}

impl RegisteredRedirectUri {
    /// Checks a URI that someone wants to register.
    pub fn parse(text: &str, application_type: ApplicationType) -> Result<Self, RedirectUriError> {
        let url = absolute(text)?;
        match (url.scheme(), application_type) {
            ("https", _) => {}
            ("http", _) if is_loopback(text) => {}
            ("http", _) => return Err(RedirectUriError::Insecure),
            // RFC 8252 §7.1: a private-use scheme is a reversed domain name, so it has a dot
            (scheme, ApplicationType::Native) if scheme.contains('.') => {}
            _ => return Err(RedirectUriError::Scheme),
        }
        Ok(Self {
            text: text.to_owned(),
            application_type,
        })
    }

    /// The URI byte for byte as registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a request may name `presented`: RFC 9700 §4.1.3, exact string comparison.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        if self.text == presented {
            return true;
        }
        // RFC 8252 §7.3: the port of a loopback URI is known only when the app runs
        match (
            self.application_type,
            literal_loopback(&self.text),
            literal_loopback(presented),
        ) {
            (ApplicationType::Native, Some(registered), Some(presented)) => registered == presented,
            _ => false,
        }
    }
}

/// Appends form-encoded pairs; an existing query stays byte for byte.
#[must_use]
pub fn append_query(uri: &str, pairs: &[(&str, &str)]) -> String {
    if pairs.is_empty() {
        return uri.to_owned();
    }
    let separator = match uri.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{uri}{separator}{query}")
}

fn absolute(text: &str) -> Result<Url, RedirectUriError> {
    // RFC 3986 §2: the URL parser would drop or rewrite everything else
    let in_uri = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    if text.len() > MAX_LEN || !text.bytes().all(in_uri) {
        return Err(RedirectUriError::Malformed);
    }
    if text.contains('*') {
        return Err(RedirectUriError::Wildcard);
    }
    // RFC 6749 §3.1.2
    if text.contains('#') {
        return Err(RedirectUriError::Fragment);
    }
    let url = Url::parse(text).map_err(|_| RedirectUriError::Malformed)?;
    if matches!(url.scheme(), "http" | "https") {
        let (_, rest) = text.split_once("://").ok_or(RedirectUriError::Malformed)?;
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(RedirectUriError::UserInfo);
        }
        if authority.is_empty() {
            return Err(RedirectUriError::Malformed);
        }
    }
    if url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        Err(RedirectUriError::UserInfo)
    }
}

fn is_loopback(text: &str) -> bool {
    let localhost = |url: &Url| matches!(url.host(), Some(Host::Domain("localhost")));
    literal_loopback(text).is_some() || Url::parse(text).is_ok_and(|url| localhost(&url))
}

/// The host as written and what follows the port, when the URI is http on a literal loopback address.
fn literal_loopback(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("http://")?;
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = ["127.0.0.1", "[::1]"]
        .into_iter()
        .find(|host| authority.starts_with(host))?;
    let good_port = match authority[host.len()..].strip_prefix(':') {
        Some(port) => {
            port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
        }
        None => authority.len() == host.len(),
    };
    good_port.then_some((host, tail))
}

#[cfg(test)]
mod tests;
