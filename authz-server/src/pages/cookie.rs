//! The cookies: the session's secret, the browser's mark for anti-forgery tokens, a sign-in half done, and trust.
//! Refuses to be read by scripts, sent cross-site with a POST, or shared with other hosts (S02).

use http::HeaderMap;
use http::header::COOKIE;

/// Which cookie; its name depends on whether the issuer is https.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cookie {
    Session,
    Browser,
    /// A sign-in that waits for its second factor.
    Pending,
    /// What spares this browser the second step for a while.
    Trust,
}

impl Cookie {
    /// The `__Host-` prefix makes browsers insist on Secure, Path=/ and no Domain; it needs https.
    const fn name(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Session, true) => "__Host-session",
            (Self::Session, false) => "session",
            (Self::Browser, true) => "__Host-browser",
            (Self::Browser, false) => "browser",
            (Self::Pending, true) => "__Host-pending",
            (Self::Pending, false) => "pending",
            (Self::Trust, true) => "__Host-trust",
            (Self::Trust, false) => "trust",
        }
    }

    /// The value the browser sent; a name that occurs twice counts as not sent.
    pub fn read(self, headers: &HeaderMap, https: bool) -> Option<&str> {
        let name = self.name(https);
        let lines = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok());
        let pairs = lines
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(found, _)| *found == name).map(|(_, value)| value);
        values.next().filter(|_| values.next().is_none())
    }

    /// A `Set-Cookie` value.
    pub fn set(self, value: &str, max_age_seconds: u64, https: bool) -> String {
        let secure = if https { "; Secure" } else { "" };
        let name = self.name(https);
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_seconds}{secure}")
    }

    /// A `Set-Cookie` value that makes the browser forget.
    pub fn clear(self, https: bool) -> String {
        self.set("", 0, https)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    /// S02
    #[test]
    fn attributes_are_the_strictest_that_work() {
        let secure = Cookie::Session.set("v", 60, true);
        assert_eq!(
            secure,
            "__Host-session=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure"
        );
        assert!(!secure.contains("Domain"));
    }

    #[test]
    fn a_cookie_that_occurs_twice_is_not_believed() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("a=1; session=x"));
        assert_eq!(Cookie::Session.read(&headers, false), Some("x"));
        headers.append(COOKIE, HeaderValue::from_static("session=y"));
        assert_eq!(Cookie::Session.read(&headers, false), None);
    }
}
