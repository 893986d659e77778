//! The URL a proof is for, in RFC 3986 normal form without query and fragment (RFC 9449 §4.3, 9).
//! Refuses everything but plain http and https URLs, and what could be read in two ways.

use percent_encoding::percent_decode_str;
use std::fmt::Write as _;
use url::Url;

/// The longest URL in bytes.
const MAX_LEN: usize = 8 * 1024;

/// A URL in normal form; equal when they mean the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(String);

/// The text is no URL that a request can have been sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a plain http or https URL")]
pub struct TargetError;

impl Target {
    /// Reads a URL; its query and fragment are dropped.
    ///
    /// # Errors
    /// When it is not absolute, not http or https, or has a user or characters that URLs do not have.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        if text.len() > MAX_LEN || !plain {
            return Err(TargetError);
        }
        let text = text.split(['?', '#']).next().unwrap_or_default();
        // Before dot segments are removed: `%2e` is a dot.
        let decoded = unreserved_decoded(text).ok_or(TargetError)?;
        let url = Url::parse(&decoded).map_err(|_| TargetError)?;
        let web = matches!(url.scheme(), "http" | "https");
        let anonymous = url.username().is_empty() && url.password().is_none();
        let explicit = decoded
            .get(url.scheme().len()..)
            .is_some_and(|rest| rest.starts_with("://"));
        if web && anonymous && explicit && !decoded.contains('@') {
            Ok(Self(url.into()))
        } else {
            Err(TargetError)
        }
    }

    /// The normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// RFC 3986 §6.2.2: escapes of unreserved characters are undone, all others are written in upper case.
fn unreserved_decoded(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let escape = rest.get(at..at + 3)?;
        if !escape.bytes().skip(1).all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let byte = percent_decode_str(escape).next()?;
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").ok()?;
        }
        rest = &rest[at + 3..];
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normal(text: &str) -> Option<String> {
        Target::parse(text).ok().map(|target| target.0)
    }

    #[test]
    fn spellings_of_one_url_are_equal() {
        let plain = normal("https://api.test/a~b/c%2Fd");
        assert!(plain.is_some());
        for text in [
            "HTTPS://API.TEST/a~b/c%2Fd",
            "https://api.test:443/a~b/c%2fd",
            "https://api.test/%61%7Eb/c%2Fd",
            "https://api.test/x/%2e%2e/a~b/./c%2Fd",
            "https://api.test/a~b/c%2Fd?q=1",
            "https://api.test/a~b/c%2Fd#f?q",
        ] {
            assert_eq!(normal(text), plain, "{text}");
        }
        assert_eq!(normal("https://api.test"), normal("https://api.test/"));
    }

    #[test]
    fn different_urls_stay_different() {
        let plain = normal("https://api.test/a");
        for text in [
            "http://api.test/a",
            "https://api.test:8443/a",
            "https://api.test/a/",
            "https://api.test/A",
            "https://api.test//a",
            "https://api.test./a",
        ] {
            assert!(normal(text).is_some() && normal(text) != plain, "{text}");
        }
    }

    #[test]
    fn what_is_no_web_url_is_refused() {
        for text in [
            "",
            "/a",
            "api.test/a",
            "ftp://api.test/a",
            "https:/api.test/a",
            "https:api.test/a",
            "https://u@api.test/a",
            "https://api.test@evil.test/a",
            "https://api.test\\a",
            "https://api.test/ a",
            "https://api.test/%zz",
            "https://api.test/%2",
            "https://api.t\u{e9}st/a",
            "https://",
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_normal_form_is_its_own(text in "(https?://[a-z.]{1,8}(:[0-9]{1,5})?)?[ -~]{0,40}") {
            if let Some(once) = normal(&text) {
                prop_assert_eq!(normal(&once), Some(once.clone()));
            }
        }

        #[test]
        fn any_text_is_judged_without_panic(text in "\\PC{0,80}") {
            let _ = normal(&text);
        }
    }
}
