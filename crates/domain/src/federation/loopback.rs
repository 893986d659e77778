//! Where a command line program on the person's own machine waits for its token.
//! Refuses every other place, however much its text looks like this machine (O03).

use serde::{Deserialize, Serialize};
use url::{Host, Url};

const LONGEST: usize = 2048;
/// The only two ways to write the host; what is not in sight here is not looked up or converted.
const OPENINGS: [&str; 2] = ["http://127.0.0.1:", "http://[::1]:"];

/// `http`, a literal loopback host, a port, no user and no fragment (RFC 8252 §7.3).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LoopbackRedirect(Url);

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("it must be http://127.0.0.1:PORT or http://[::1]:PORT, without user and fragment")]
pub struct LoopbackError;

impl LoopbackRedirect {
    /// # Errors
    /// Whenever it is not exactly that.
    pub fn parse(text: &str) -> Result<Self, LoopbackError> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        if text.len() > LONGEST || !is_plain {
            return Err(LoopbackError);
        }
        let rest = OPENINGS.iter().find_map(|opening| text.strip_prefix(opening));
        let rest = rest.ok_or(LoopbackError)?;
        let (port, _) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port.parse::<u16>().ok().filter(|port| is_number && *port != 0);
        let url = Url::parse(text).map_err(|_| LoopbackError)?;
        let is_loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            _ => false,
        };
        let holds = url.scheme() == "http"
            && is_loopback
            && port.is_some()
            && url.port_or_known_default() == port
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none();
        if holds { Ok(Self(url)) } else { Err(LoopbackError) }
    }

    /// The address with more parameters.
    pub fn with(&self, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        url.query_pairs_mut().extend_pairs(parameters);
        url
    }
}

impl TryFrom<String> for LoopbackRedirect {
    type Error = LoopbackError;

    fn try_from(text: String) -> Result<Self, LoopbackError> {
        Self::parse(&text)
    }
}

impl From<LoopbackRedirect> for String {
    fn from(redirect: LoopbackRedirect) -> Self {
        redirect.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// O03
    #[test]
    fn only_a_port_of_this_machine_gets_a_token() {
        for accepted in [
            "http://127.0.0.1:4711/cb",
            "http://127.0.0.1:80",
            "http://127.0.0.1:1?x=@evil.test",
            "http://[::1]:65535/",
        ] {
            assert!(LoopbackRedirect::parse(accepted).is_ok(), "{accepted}");
        }
        for refused in [
            "http://127.0.0.1:80@evil.test/",
            "http://127.0.0.1:8000.evil.test/",
            "http://127.0.0.1:1:2@evil.test/",
            "http://127.0.0.1/",
            "http://127.0.0.1:/",
            "http://127.0.0.1:0/",
            "http://127.0.0.1:65536/",
            "http://127.0.0.1:+80/",
            "http://127.0.0.1:80/#x",
            "http://127.0.0.1:80#@evil.test",
            "http://127.0.0.1:80\\@evil.test/",
            "http://127.0.0.1:8\t0/",
            "http://user@127.0.0.1:80/",
            "http://127.1:80/",
            "http://2130706433:80/",
            "http://127.0.0.2:80/",
            "http://localhost:80/",
            "http://[::ffff:127.0.0.1]:80/",
            "http://127.0.0.1.evil.test:80/",
            "https://127.0.0.1:80/",
            "HTTP://127.0.0.1:80/",
            " http://127.0.0.1:80/",
            "//127.0.0.1:80/",
            "",
        ] {
            assert_eq!(LoopbackRedirect::parse(refused), Err(LoopbackError), "{refused}");
        }
    }

    #[test]
    fn a_token_joins_what_the_query_has_already() {
        let redirect = LoopbackRedirect::parse("http://127.0.0.1:80/cb?a=1").unwrap();
        let text = redirect.with(&[("token", "x&y")]).to_string();
        assert_eq!(text, "http://127.0.0.1/cb?a=1&token=x%26y");
    }
}
