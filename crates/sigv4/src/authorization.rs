//! The header form: `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`.
//! Refuses members that are missing, repeated or unknown.

use crate::refusal::Refusal;

pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const LONGEST: usize = 8 * 1024;

/// The three members, as sent.
pub(crate) struct Authorization<'a> {
    pub credential: &'a str,
    pub signed_headers: &'a str,
    pub signature: &'a str,
}

/// Whether the value means to be a signature of any version.
pub(crate) fn is_signature(value: &[u8]) -> bool {
    value
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"AWS4"))
}

impl<'a> Authorization<'a> {
    pub fn parse(value: &'a [u8]) -> Result<Self, Refusal> {
        if value.len() > LONGEST {
            return Err(Refusal::TooLarge("the Authorization header"));
        }
        let text = std::str::from_utf8(value).map_err(|_| Refusal::Incomplete("Authorization"))?;
        let (algorithm, members) = text.split_once(' ').unwrap_or((text, ""));
        if algorithm != ALGORITHM {
            return Err(Refusal::Algorithm);
        }
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for member in members.split(',') {
            let (name, value) = member
                .trim_matches(' ')
                .split_once('=')
                .ok_or(Refusal::Incomplete("Authorization"))?;
            let place = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return Err(Refusal::Incomplete("Authorization has an unknown member")),
            };
            if place.replace(value).is_some() {
                return Err(Refusal::Incomplete("Authorization has a member twice"));
            }
        }
        Ok(Self {
            credential: credential.ok_or(Refusal::Incomplete("Credential is missing"))?,
            signed_headers: signed_headers.ok_or(Refusal::Incomplete("SignedHeaders is missing"))?,
            signature: signature.ok_or(Refusal::Incomplete("Signature is missing"))?,
        })
    }
}
