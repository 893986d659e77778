//! What the identity headers of a token say, made once.
//! They refuse what cannot stand in a header: a name that could not be told apart is no name.

use super::Unusable;
use bytes::Bytes;
use http::HeaderValue;

/// The longest value of an identity header: half of what the strictest of the usual servers takes as a whole head (8 KiB).
pub const LONGEST_VALUE: usize = 4096;

const UNFIT: Unusable = Unusable("a name in the token cannot stand in a header");

/// Header values that tell an upstream who calls.
#[derive(Debug, Default)]
pub struct IdentityValues {
    /// `X-Auth-Subject`.
    pub subject: Option<HeaderValue>,
    /// `X-Auth-Client`.
    pub client: Option<HeaderValue>,
    /// `X-Auth-Scopes`.
    pub scopes: Option<HeaderValue>,
    /// `X-Auth-Session`.
    pub session: Option<HeaderValue>,
    /// `X-Auth-Account`.
    pub account: Option<HeaderValue>,
    /// The scopes are too long for a header that every service would take; they are left out then.
    pub is_too_large: bool,
}

impl IdentityValues {
    /// The values for subject, client, scopes, session and account. They share one piece of memory: a request with one of
    /// many tokens finds most of what it needs in no cache of the processor, and this way in one place.
    ///
    /// # Errors
    /// When one of them is too long, or not visible ASCII and spaces.
    pub fn of(texts: [Option<&str>; 5]) -> Result<Self, Unusable> {
        let all: Bytes = texts.into_iter().flatten().collect::<String>().into();
        let mut at = 0;
        let mut next = |text: Option<&str>| {
            let Some(text) = text else { return Ok(None) };
            if text.len() > LONGEST_VALUE || !text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
                return Err(UNFIT);
            }
            let part = all.slice(at..at + text.len());
            at += text.len();
            HeaderValue::from_maybe_shared(part).map(Some).map_err(|_| UNFIT)
        };
        let [subject, client, scopes, session, account] = texts;
        Ok(Self {
            subject: next(subject)?,
            client: next(client)?,
            scopes: next(scopes)?,
            session: next(session)?,
            account: next(account)?,
            is_too_large: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_its_own_part_of_the_whole() {
        let texts = [Some("usr_1"), Some("shop"), None, Some(""), Some("acc_1")];
        let values = IdentityValues::of(texts).unwrap();
        let said = [
            values.subject,
            values.client,
            values.scopes,
            values.session,
            values.account,
        ];
        let said = said.map(|value| value.map(|value| value.to_str().unwrap().to_owned()));
        assert_eq!(said.each_ref().map(Option::as_deref), texts);
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_no_name() {
        let long = "a".repeat(LONGEST_VALUE + 1);
        for name in ["a\r\nX-Auth-Scopes: all", "a\0", "na\u{ef}ve", &long] {
            assert!(
                IdentityValues::of([Some(name), None, None, None, None]).is_err(),
                "{name:?}"
            );
        }
    }
}
