//! The cookies of a request on its way to the service: one field, without credentials of ours.
//! They refuse to look at text only: a value of other bytes hides nothing that stands beside it.

use crate::bearer;
use http::HeaderValue;
use http::header::{COOKIE, HeaderMap};

/// Removes cookies whose value is a credential of ours, unless they are `wanted`, and puts what is left into one field:
/// HTTP/2 divides cookies between several (RFC 9113 §8.2.3), HTTP/1.1 does not know that.
pub(super) fn write(headers: &mut HeaderMap, wanted: bool) {
    let passes = |pair: &[u8]| wanted || !is_ours(pair);
    let mut fields = headers.get_all(COOKIE).iter();
    match (fields.next(), fields.next()) {
        (None, _) => return,
        (Some(one), None) if pairs(one).all(passes) => return,
        _ => {}
    }
    let fields = headers.get_all(COOKIE).iter();
    let kept: Vec<_> = fields.flat_map(pairs).filter(|pair| passes(pair)).collect();
    let kept = HeaderValue::from_bytes(&kept.join(&b"; "[..]));
    headers.remove(COOKIE);
    if let Ok(kept) = kept
        && !kept.is_empty()
    {
        headers.insert(COOKIE, kept);
    }
}

fn pairs(field: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    let pairs = field.as_bytes().split(|byte| *byte == b';');
    pairs.map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty())
}

fn is_ours(pair: &[u8]) -> bool {
    let mut parts = pair.splitn(2, |byte| *byte == b'=');
    let value = parts.nth(1).and_then(|value| std::str::from_utf8(value).ok());
    value.is_some_and(|value| bearer::is_ours(value.trim().trim_matches('"')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use oauth::opaque::{OpaqueKind, encode};

    fn written(fields: &[&[u8]], wanted: bool) -> Vec<Vec<u8>> {
        let fields = fields.iter().map(|text| HeaderValue::from_bytes(text).unwrap());
        let mut headers: HeaderMap = fields.map(|value| (COOKIE, value)).collect();
        write(&mut headers, wanted);
        let left = headers.get_all(COOKIE).iter();
        left.map(|value| value.as_bytes().to_vec()).collect()
    }

    fn session() -> String {
        encode(OpaqueKind::SessionCookie, &[1; 32]).to_string()
    }

    /// X18
    #[test]
    fn our_session_cookie_is_cut_out_and_others_stay() {
        let all = format!("theme=dark; __Host-session={}; lang=de", session());
        assert_eq!(written(&[all.as_bytes()], false), [b"theme=dark; lang=de"]);
        assert_eq!(written(&[all.as_bytes()], true), [all.as_bytes()]);
        assert!(written(&[format!("s=\"{}\"", session()).as_bytes()], false).is_empty());
    }

    /// X18
    #[test]
    fn bytes_that_are_no_text_hide_no_credential_and_are_not_lost() {
        let hidden = [b"name=J\xe4ger; s=", session().as_bytes()].concat();
        assert_eq!(written(&[&hidden], false), [b"name=J\xe4ger"]);
        let apart: [&[u8]; 2] = [b"name=J\xe4ger", &hidden[12..]];
        assert_eq!(written(&apart, false), [b"name=J\xe4ger"]);
    }

    #[test]
    fn cookies_in_several_fields_become_one_and_a_single_field_is_left_as_it_is() {
        assert_eq!(written(&[b"a=1", b"b=2; c=3"], false), [b"a=1; b=2; c=3"]);
        assert_eq!(written(&[b"a=1;b=2;;"], false), [b"a=1;b=2;;"]);
        assert!(written(&[], false).is_empty());
    }
}
