//! What a client may register as a place to return to.
//! Refuses fragments, credentials, wildcards, and plain http beyond loopback.

use url::{Host, Url};

use super::ApplicationType;

/// Why a redirect URI cannot be registered, if it cannot.
pub(super) fn refusal(text: &str, application: ApplicationType) -> Option<&'static str> {
    if text.len() > 2048 || text.contains('*') || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Some("must be a URI of at most 2048 characters without spaces and wildcards");
    }
    let Ok(url) = Url::parse(text) else {
        return Some("must be an absolute URI");
    };
    // RFC 6749 §3.1.2: no fragment.
    if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Some("must have no fragment and no user");
    }
    match (url.scheme(), application) {
        ("https", _) if url.has_host() => None,
        // RFC 8252 §7.3, §8.3.
        ("http", _) if is_loopback(&url) => None,
        ("http" | "https", _) => Some("must be https, or http on a loopback host"),
        // RFC 8252 §7.1: a domain name in reverse.
        (scheme, ApplicationType::Native) if scheme.contains('.') => None,
        _ => Some("must be https, or for native applications a scheme that is a domain name in reverse"),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{ApplicationType, refusal};

    #[test]
    fn redirect_uris_are_https_loopback_or_native_schemes() {
        for good in [
            "https://app.test/cb",
            "https://app.test/cb?x=1",
            "http://127.0.0.1/cb",
            "http://[::1]/cb",
            "http://localhost:3000/cb",
        ] {
            assert_eq!(refusal(good, ApplicationType::Web), None, "{good}");
        }
        assert_eq!(refusal("com.example.app:/cb", ApplicationType::Native), None);
        for bad in [
            "http://app.test/cb",
            "https://app.test/cb#x",
            "https://u@app.test/cb",
            "https://*.app.test/cb",
            "/cb",
            "javascript:alert(1)",
            "com.example.app:/cb",
            "http://127.0.0.1:80@evil.test/",
            "https://app.test/c b",
            "data:text/html,x",
        ] {
            assert!(refusal(bad, ApplicationType::Web).is_some(), "{bad}");
        }
        assert!(refusal("myapp:/cb", ApplicationType::Native).is_some());
    }
}
