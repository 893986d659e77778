//! What a route says about exchanges that last.
//! It refuses origins that no browser would send.

use crate::config::{LongResponses, Route, Span};
use http::HeaderValue;
use std::time::Duration;

/// From what on an exchange with a body of its own is watched.
pub const SOON_OVER: Duration = Duration::from_secs(1);
const DEFAULT_IDLE: Duration = Duration::from_secs(300);

/// The compiled settings.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Lets WebSockets through.
    pub websocket: bool,
    allowed_origins: Vec<Box<str>>,
    /// Ends long bodies when the credential ends.
    pub cut_long_responses: bool,
    /// The longest silence of a stream.
    pub idle: Duration,
    /// The longest life of whatever lasts.
    pub total: Option<Duration>,
}

impl Terms {
    /// Compiles the settings of a route.
    ///
    /// # Errors
    /// A sentence about what cannot be meant.
    pub fn compile(route: &Route) -> Result<Self, String> {
        if !route.websocket && !route.allowed_origins.is_empty() {
            return Err("allowed_origins is only of use with websocket = true".to_owned());
        }
        for origin in &route.allowed_origins {
            if origin != "*" && !is_origin(origin) {
                return Err(format!(
                    "allowed_origins: `{origin}` is not an origin such as https://app.example.com"
                ));
            }
        }
        let zero = |span: &Option<Span>| span.is_some_and(|span| span.0.is_zero());
        if zero(&route.stream_idle) || zero(&route.stream_total) {
            return Err("stream_idle and stream_total must be more than zero".to_owned());
        }
        Ok(Self {
            websocket: route.websocket,
            allowed_origins: route
                .allowed_origins
                .iter()
                .map(|origin| origin.as_str().into())
                .collect(),
            cut_long_responses: route.long_responses == LongResponses::Cut,
            idle: route.stream_idle.map_or(DEFAULT_IDLE, |span| span.0),
            total: route.stream_total.map(|span| span.0),
        })
    }

    /// Whether a page of this origin may open a WebSocket at `authority`, which is host and port as the client
    /// named them. Without a list it may when the origin is the site itself; who is no browser sends no origin.
    #[must_use]
    pub fn admits(&self, origin: Option<&HeaderValue>, authority: &[u8]) -> bool {
        let Some(origin) = origin.map(HeaderValue::as_bytes) else {
            return true;
        };
        if !self.allowed_origins.is_empty() {
            return self
                .allowed_origins
                .iter()
                .any(|allowed| &**allowed == "*" || allowed.as_bytes() == origin);
        }
        let own = origin
            .strip_prefix(b"https://")
            .or_else(|| origin.strip_prefix(b"http://"));
        own.is_some_and(|own| !own.is_empty() && own.eq_ignore_ascii_case(authority))
    }
}

/// RFC 6454 §6.2: scheme, host and perhaps port, as a browser writes them.
fn is_origin(text: &str) -> bool {
    text == "null" || url::Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(origins: &str) -> Result<Terms, String> {
        let text = format!(
            "name = \"a\"\nmatch = {{ path = \"/\" }}\nrequire = {{}}\nwebsocket = true\nallowed_origins = {origins}"
        );
        Terms::compile(&toml::from_str(&text).unwrap())
    }

    fn admits(terms: &Terms, origin: &'static str) -> bool {
        terms.admits(Some(&HeaderValue::from_static(origin)), b"api.example.com:8443")
    }

    /// X13
    #[test]
    fn without_a_list_only_the_site_itself_may() {
        let terms = terms("[]").unwrap();
        assert!(admits(&terms, "https://api.example.com:8443"));
        for foreign in [
            "https://evil.example",
            "https://api.example.com",
            "https://api.example.com:8443.evil.example",
            "null",
            "",
            "https://",
            "file://api.example.com:8443",
        ] {
            assert!(!admits(&terms, foreign), "{foreign}");
        }
        assert!(terms.admits(None, b"api.example.com"), "no browser");
    }

    /// X13
    #[test]
    fn a_list_is_exact_and_excludes_the_site_itself() {
        let listed = terms("[\"https://app.example.com\"]").unwrap();
        assert!(admits(&listed, "https://app.example.com"));
        for foreign in [
            "http://app.example.com",
            "https://app.example.com:444",
            "https://api.example.com:8443",
        ] {
            assert!(!admits(&listed, foreign), "{foreign}");
        }
        assert!(admits(&terms("[\"*\"]").unwrap(), "null"));
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for list in [
            "[\"app.example.com\"]",
            "[\"https://app.example.com/\"]",
            "[\"https://app.example.com:443\"]",
            "[\"\"]",
        ] {
            assert!(terms(list).is_err(), "{list}");
        }
    }
}
