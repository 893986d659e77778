//! Finds the credential of a request: exactly one, in `Authorization` (Bearer or DPoP) or in `X-API-Key`.
//! It refuses to choose between two, and never looks into queries, bodies or cookies.

use http::{HeaderMap, HeaderName, header};
use oauth::api_key;
use oauth::bearer::{BearerError, Scheme, is_b64token, parse_any};
use oauth::opaque::{self, OpaqueKind};
use sha2::{Digest, Sha256};

/// The header of the second place.
pub const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The SHA-256 of a credential: all that is ever kept of it.
pub type TokenDigest = [u8; 32];

/// A credential as presented; it does not outlive the request.
#[derive(Clone, Copy)]
pub struct Credential<'a> {
    text: &'a str,
    scheme: Scheme,
}

/// Why a request has no usable credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialError {
    /// None was presented, or one of a scheme that is not spoken here.
    Missing,
    /// More than one was presented.
    Several,
    /// Presented, but not one well-formed token.
    Malformed,
}

/// What a credential is, by its looks alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A JWS, to be verified here.
    Jwt,
    /// Something only the authorization server can judge.
    Opaque,
    /// Of our own format, but mistyped or of a kind that gives no access: never worth a call.
    Worthless,
}

/// The one credential of a request.
///
/// # Errors
/// When there is none, or more than one reading of what was sent.
pub fn extract(headers: &HeaderMap) -> Result<Credential<'_>, CredentialError> {
    let mut authorization = headers.get_all(header::AUTHORIZATION).iter();
    let mut api_key = headers.get_all(&API_KEY).iter();
    // RFC 6750 §2: clients must not use more than one way to send the token.
    match (
        authorization.next(),
        authorization.next(),
        api_key.next(),
        api_key.next(),
    ) {
        (None, None, None, None) => Err(CredentialError::Missing),
        (Some(value), None, None, None) => match parse_any(value.as_bytes()) {
            Ok((scheme, text)) => Ok(Credential { text, scheme }),
            Err(BearerError::OtherScheme) => Err(CredentialError::Missing),
            Err(BearerError::Malformed | BearerError::TooLong) => Err(CredentialError::Malformed),
        },
        (None, None, Some(value), None) => from_api_key(value.as_bytes()),
        _ => Err(CredentialError::Several),
    }
}

fn from_api_key(value: &[u8]) -> Result<Credential<'_>, CredentialError> {
    if value.len() > oauth::bearer::MAX_TOKEN_LEN || value.is_empty() || !is_b64token(value) {
        return Err(CredentialError::Malformed);
    }
    std::str::from_utf8(value)
        .map(|text| Credential {
            text,
            scheme: Scheme::Bearer,
        })
        .map_err(|_| CredentialError::Malformed)
}

impl<'a> Credential<'a> {
    /// A credential that was accepted before, with its proof if it needs one.
    #[must_use]
    pub const fn again(text: &'a str) -> Self {
        Self {
            text,
            scheme: Scheme::Bearer,
        }
    }
}

impl Credential<'_> {
    /// The text, for the one call that sends it on.
    #[must_use]
    pub const fn expose(&self) -> &str {
        self.text
    }

    /// How it was presented.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The key under which facts about it are kept.
    #[must_use]
    pub fn digest(&self) -> TokenDigest {
        Sha256::digest(self.text.as_bytes()).into()
    }

    /// The JWT inside of an API key that has one.
    #[must_use]
    pub fn signed_key(&self) -> Option<&str> {
        api_key::signed_inside(self.text).filter(|jwt| jose::looks_like_jws(jwt))
    }

    /// What it looks like.
    #[must_use]
    pub fn kind(&self) -> Kind {
        if self.text.starts_with("az_") {
            return match opaque::parse(self.text) {
                Some(OpaqueKind::AccessToken) => Kind::Opaque,
                _ => Kind::Worthless,
            };
        }
        if jose::looks_like_jws(self.text) {
            Kind::Jwt
        } else if api_key::is_mistyped(self.text) {
            Kind::Worthless
        } else {
            // API keys among them, also those that have a JWT inside: what they may do changes.
            Kind::Opaque
        }
    }
}

/// Whether a cookie value is a credential of ours, which no upstream should see.
#[must_use]
pub fn is_ours(value: &str) -> bool {
    opaque::parse(value).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        map
    }

    fn credential(text: &str) -> Credential<'_> {
        let scheme = Scheme::Bearer;
        Credential { text, scheme }
    }

    fn looks(text: &str) -> Kind {
        credential(text).kind()
    }

    fn found(pairs: &[(&str, &str)]) -> Result<String, CredentialError> {
        extract(&headers(pairs)).map(|credential| credential.expose().to_owned())
    }

    #[test]
    fn one_credential_from_either_place() {
        assert_eq!(found(&[("authorization", "Bearer abc")]).as_deref(), Ok("abc"));
        assert_eq!(found(&[("authorization", "bEaReR abc")]).as_deref(), Ok("abc"));
        assert_eq!(found(&[("x-api-key", "abc")]).as_deref(), Ok("abc"));
        assert_eq!(found(&[]), Err(CredentialError::Missing));
        assert_eq!(
            found(&[("authorization", "Basic abc")]),
            Err(CredentialError::Missing)
        );
    }

    /// X07
    #[test]
    fn several_credentials_are_refused() {
        for pairs in [
            &[("authorization", "Bearer a"), ("authorization", "Bearer a")][..],
            &[("authorization", "Basic a"), ("authorization", "Bearer a")],
            &[("authorization", "Bearer a"), ("x-api-key", "a")],
            &[("x-api-key", "a"), ("x-api-key", "b")],
        ] {
            assert_eq!(found(pairs), Err(CredentialError::Several), "{pairs:?}");
        }
    }

    /// X07
    #[test]
    fn joined_or_broken_tokens_are_refused() {
        for value in [
            "Bearer a,b",
            "Bearer a, Bearer b",
            "Bearer",
            "Bearer ",
            "Bearer a b",
            "Bearer a\tb",
        ] {
            assert_eq!(
                found(&[("authorization", value)]),
                Err(CredentialError::Malformed),
                "{value}"
            );
        }
        for value in ["", "a,b", "a b"] {
            assert_eq!(
                found(&[("x-api-key", value)]),
                Err(CredentialError::Malformed),
                "{value}"
            );
        }
    }

    /// K02: what a key may do is asked, whatever is inside; of a mistyped one it is not.
    #[test]
    fn keys_give_no_facts_by_themselves() {
        let prefix = api_key::KeyPrefix::parse("ch_live_").unwrap();
        let key = prefix.encode(&[7; 32]);
        assert_eq!(looks(&key), Kind::Opaque);
        let signed = "ecloud_eyJhIjoxfQ.eyJhIjoxfQ.c2ln";
        let signed = credential(signed);
        assert_eq!(
            (signed.kind(), signed.signed_key()),
            (Kind::Opaque, Some("eyJhIjoxfQ.eyJhIjoxfQ.c2ln"))
        );
        assert_eq!(credential(&key).signed_key(), None);
        let mistyped = key.replace("ch_live_", "ch_love_");
        assert_eq!(looks(&mistyped), Kind::Worthless);
    }

    /// C09
    #[test]
    fn mistyped_and_foreign_kinds_are_worthless() {
        let good = opaque::encode(OpaqueKind::AccessToken, &[7; 32]);
        assert_eq!(looks(&good), Kind::Opaque);
        let mistyped = format!("{}{}", &good[..54], if good.ends_with('0') { '1' } else { '0' });
        for text in [
            mistyped,
            opaque::encode(OpaqueKind::ClientSecret, &[7; 32]).to_string(),
            "az_at_x".to_owned(),
        ] {
            assert_eq!(looks(&text), Kind::Worthless, "{text}");
        }
        assert_eq!(looks("eyJhIjoxfQ.eyJhIjoxfQ.c2ln"), Kind::Jwt);
        assert_eq!(looks("something-else"), Kind::Opaque);
    }
}
