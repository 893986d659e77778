//! Anti-forgery: a form counts only when this server gave it to this browser and session, for this purpose.
//! Refuses cross-site posts by what the browser says of itself, and everything else by the token.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Authority;
use http::HeaderMap;
use http::header::ORIGIN;
use url::Url;

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

/// Whether the request comes from a page of ours, as far as the browser says so; programs say nothing.
///
/// A sandboxed page of somebody else posts with `Origin: null`, and so does ours after some redirects. `Sec-Fetch-Site`,
/// which no page can set, tells the two apart (Fetch §3.2.5, Fetch Metadata §2.1).
pub fn is_same_origin(headers: &HeaderMap, issuer: &str) -> bool {
    let site = single(headers, "sec-fetch-site");
    let is_own_site = matches!(site, Some("same-origin" | "none"));
    if site.is_some() && !is_own_site {
        return false;
    }
    match single(headers, ORIGIN.as_str()) {
        None => true,
        Some("null") => is_own_site,
        Some(origin) => Url::parse(issuer).is_ok_and(|own| own.origin().ascii_serialization() == origin),
    }
}

/// A header's value; one that is unreadable or comes twice is nobody's.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().unwrap_or_default();
    Some(if values.next().is_none() { first } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    fn judge(lines: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        is_same_origin(&headers, "https://id.example.org/tenant")
    }

    /// S03
    #[test]
    fn only_our_own_pages_and_programs_pass() {
        let own = ("origin", "https://id.example.org");
        for accepted in [
            vec![],
            vec![own],
            vec![own, ("sec-fetch-site", "same-origin")],
            vec![("origin", "null"), ("sec-fetch-site", "same-origin")],
            vec![("sec-fetch-site", "none")],
        ] {
            assert!(judge(&accepted), "{accepted:?}");
        }
        for refused in [
            vec![("origin", "null")],
            vec![("origin", "null"), ("sec-fetch-site", "cross-site")],
            vec![("origin", "https://evil.test")],
            vec![("origin", "https://id.example.org.evil.test")],
            vec![("origin", "http://id.example.org")],
            vec![own, ("sec-fetch-site", "same-site")],
            vec![own, ("sec-fetch-site", "cross-site")],
            vec![own, ("origin", "https://evil.test")],
        ] {
            assert!(!judge(&refused), "{refused:?}");
        }
    }
}
