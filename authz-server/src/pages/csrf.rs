//! Anti-forgery: a form counts only when this server gave it to this browser and session, for this purpose.
//! Refuses cross-site posts by what the browser says of itself, and everything else by the token.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Authority;
use http::HeaderMap;
use http::header::ORIGIN;

const PURPOSE: &str = "csrf";

fn tag(authority: &Authority, parts: [&str; 3]) -> hmac::Tag {
    let key = hmac::Key::new(hmac::HMAC_SHA256, authority.sealer.derive(PURPOSE).as_slice());
    let mut context = hmac::Context::with_key(&key);
    for part in parts {
        // Length first, so that no two lists of parts give the same bytes.
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    context.sign()
}

/// The token for a form that is posted to `action` by this browser, signed in to `session` or to none.
pub fn token(authority: &Authority, browser: &str, session: &str, action: &str) -> String {
    URL_SAFE_NO_PAD.encode(tag(authority, [browser, session, action]))
}

/// Whether `presented` is that token; constant time.
pub fn verify(authority: &Authority, presented: &str, parts: [&str; 3]) -> bool {
    let expected = URL_SAFE_NO_PAD.encode(tag(authority, parts));
    aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), presented.as_bytes()).is_ok()
}

/// Whether the browser does not say that the post comes from elsewhere. Our pages send no referrer, so our own forms
/// come with `Origin: null`; the token decides then.
pub fn is_same_site(headers: &HeaderMap, issuer: &str) -> bool {
    let fetch_site = headers.get("sec-fetch-site").map(http::HeaderValue::as_bytes);
    let origin = headers.get(ORIGIN).map(http::HeaderValue::as_bytes);
    fetch_site.is_none_or(|site| matches!(site, b"same-origin" | b"none"))
        && origin.is_none_or(|origin| origin == b"null" || origin == issuer.as_bytes())
}
