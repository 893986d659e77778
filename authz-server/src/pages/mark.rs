//! The mark of a browser: a random word in a cookie, by which it is known again.
//! Refuses to be anything but its shape; it proves nothing about a person.

use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use model::{Random, SecretDigest};

use super::cookie::Cookie;
use super::visitor::append_cookie;

/// A browser, for as long as it keeps the cookie.
const SECONDS: u64 = 400 * 24 * 60 * 60;
/// 16 bytes as base64url.
const LEN: usize = 22;

pub struct BrowserMark {
    text: String,
    is_new: bool,
}

impl BrowserMark {
    /// The mark that the request came with, or a fresh one.
    pub fn of(headers: &HeaderMap, https: bool, random: &dyn Random) -> Self {
        let kept = Cookie::Browser.read(headers, https);
        let kept = kept.filter(|mark| mark.len() == LEN).map(str::to_owned);
        Self {
            is_new: kept.is_none(),
            text: kept.unwrap_or_else(|| fresh(random)),
        }
    }

    pub fn is_new(&self) -> bool {
        self.is_new
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The mark, as far as others may know it.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(&self.text)
    }

    /// `response`, with the mark when the browser had none.
    pub fn keep(&self, mut response: Response, https: bool) -> Response {
        if self.is_new {
            append_cookie(&mut response, &Cookie::Browser.set(&self.text, SECONDS, https));
        }
        response
    }
}

fn fresh(random: &dyn Random) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}
