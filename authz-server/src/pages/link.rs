//! Addresses that a page may link to or load a picture from.
//! Refuses everything but `http` and `https`, so that no `javascript:` or `data:` reaches an attribute.

use std::fmt;

use url::Url;

/// Longer addresses are refused.
const MAX_LENGTH: usize = 2048;

/// An absolute web address without credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebLink(Url);

impl WebLink {
    /// Parses `text`; anything that is not an absolute `http(s)` address with a host is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let url = Url::parse(text).ok()?;
        let web = matches!(url.scheme(), "http" | "https");
        let anonymous = url.username().is_empty() && url.password().is_none();
        (web && anonymous && url.has_host()).then_some(Self(url))
    }

    /// The parsed address.
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for WebLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// O05
    #[test]
    fn only_absolute_web_addresses_become_links() {
        for text in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//evil.test",
            "/\\evil.test",
            "ftp://a.test/",
            "https://user:pw@a.test/",
            "blob:https://a.test/x",
            "",
        ] {
            assert_eq!(WebLink::parse(text), None, "{text}");
        }
        assert_eq!(
            WebLink::parse(&format!("https://a.test/{}", "x".repeat(MAX_LENGTH))),
            None
        );
        assert_eq!(
            WebLink::parse("https://a.test/tos?x=1").unwrap().to_string(),
            "https://a.test/tos?x=1"
        );
    }
}
