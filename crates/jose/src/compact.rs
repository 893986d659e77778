//! The compact form of a JWS, taken apart within limits.
//! Believes nothing it reads: no signature is checked here and no key is chosen.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::strict_json::parse_object;
use crate::{Algorithm, VerifyError};

/// The longest token that is looked at.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// The longest key id that is looked for.
pub const MAX_KID_CHARS: usize = 200;

/// A token in its three parts; header and payload are raw claims of the sender.
pub(crate) struct Compact<'a> {
    pub(crate) header: Header,
    pub(crate) payload: Map<String, Value>,
    pub(crate) signing_input: &'a str,
    pub(crate) signature: Vec<u8>,
}

/// The header members that have a meaning for us; all others, such as `jku` or `jwk`, are dropped.
pub(crate) struct Header {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
    pub(crate) typ: Option<String>,
}

impl<'a> Compact<'a> {
    pub(crate) fn parse(token: &'a str) -> Result<Self, VerifyError> {
        let (header, payload, signature) = split(token).ok_or(VerifyError::Malformed)?;
        let header = Header::parse(object(header)?)?;
        let payload = object(payload)?;
        let signature = URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| VerifyError::Malformed)?;
        let signing_input = token.rsplit_once('.').map_or("", |(input, _)| input);
        Ok(Self {
            header,
            payload,
            signing_input,
            signature,
        })
    }
}

impl Header {
    fn parse(mut members: Map<String, Value>) -> Result<Self, VerifyError> {
        // RFC 7515 §4.1.11: we understand no extension, so any `crit` is refused. RFC 7797 §3: `b64` changes what is
        // signed. `zip` belongs to encryption.
        if ["crit", "b64", "zip"]
            .iter()
            .any(|name| members.contains_key(*name))
        {
            return Err(VerifyError::Malformed);
        }
        let name = text(&mut members, "alg")?.ok_or(VerifyError::Malformed)?;
        let algorithm = name.parse().map_err(|_| VerifyError::UnsupportedAlgorithm)?;
        let kid = text(&mut members, "kid")?;
        if kid.as_deref().is_some_and(|kid| !is_key_id(kid)) {
            return Err(VerifyError::Malformed);
        }
        let typ = text(&mut members, "typ")?;
        Ok(Self { algorithm, kid, typ })
    }
}

/// The key that a token brings along (RFC 7515 §4.1.3), as raw as it came; good for proofs of possession only.
pub(crate) fn own_key(token: &str) -> Option<Map<String, Value>> {
    let (header, ..) = split(token)?;
    match object(header).ok()?.remove("jwk")? {
        Value::Object(key) => Some(key),
        _ => None,
    }
}

/// Whether the text may name a key: not empty, bounded, no control characters.
pub(crate) fn is_key_id(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= MAX_KID_CHARS && !text.chars().any(char::is_control)
}

/// Whether the text has the form of a compact JWS; says nothing about its validity.
#[must_use]
pub fn looks_like_jws(token: &str) -> bool {
    let base64url = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    token.starts_with("ey")
        && parts(token).is_some_and(|parts| parts.iter().all(|part| !part.is_empty() && base64url(part)))
}

/// A text claim of a token that nobody has verified, to find out whose keys to verify it with.
#[must_use]
pub fn peek_claim(token: &str, name: &str) -> Option<String> {
    let (_, payload, _) = split(token)?;
    match object(payload).ok()?.remove(name)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn text(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, VerifyError> {
    match members.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(VerifyError::Malformed),
    }
}

fn object(part: &str) -> Result<Map<String, Value>, VerifyError> {
    // RFC 7515 §2: base64url without padding; bits left over must be zero, so one value has one spelling.
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| VerifyError::Malformed)?;
    parse_object(&bytes).ok_or(VerifyError::Malformed)
}

fn split(token: &str) -> Option<(&str, &str, &str)> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    parts(token).map(|[header, payload, signature]| (header, payload, signature))
}

fn parts(token: &str) -> Option<[&str; 3]> {
    let mut parts = token.splitn(4, '.');
    let three = [parts.next()?, parts.next()?, parts.next()?];
    parts.next().is_none().then_some(three)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn form_of_a_token_is_recognised() {
        assert!(looks_like_jws("eyJ.eyJ.c2ln"));
        for text in [
            "",
            "ey",
            "ey.a",
            "ey.a.",
            "ey..a",
            "ey.a.b.c",
            "az_at_x.y.z",
            "ey.a b.c",
            "ey.a=.c",
            "ey.ä.c",
        ] {
            assert!(!looks_like_jws(text), "{text}");
        }
    }

    #[test]
    fn peek_reads_only_texts_of_bounded_tokens() {
        let payload = URL_SAFE_NO_PAD.encode(br#"{"iss":"me","sub":5}"#);
        assert_eq!(
            peek_claim(&format!("ey.{payload}.x"), "iss").as_deref(),
            Some("me")
        );
        assert_eq!(peek_claim(&format!("ey.{payload}.x"), "sub"), None);
        assert_eq!(peek_claim(&format!("ey.{payload}"), "iss"), None);
        assert_eq!(
            peek_claim(&format!("{}.{payload}.x", "e".repeat(MAX_TOKEN_BYTES)), "iss"),
            None
        );
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,200}") {
            let _ = (looks_like_jws(&text), peek_claim(&text, "iss"), Compact::parse(&text).is_ok());
        }
    }
}
