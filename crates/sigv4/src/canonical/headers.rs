//! Which headers are signed, and how they stand in the canonical request.
//! Refuses a list without `host`, one that is not in order, and `x-amz-*` headers beside it: they could change the meaning.

use std::collections::BTreeSet;

use crate::refusal::Refusal;
use crate::request::Request;

const MOST: usize = 64;
const MOST_SENT: usize = 256;
const LONGEST: usize = 4 * 1024;

/// `host;x-amz-date`: lower-case names, sorted, each once, each present.
pub(crate) struct SignedHeaders<'a> {
    text: &'a str,
    names: Vec<&'a str>,
}

impl<'a> SignedHeaders<'a> {
    pub fn parse(text: &'a str, request: Request<'_>) -> Result<Self, Refusal> {
        if text.len() > LONGEST || request.headers.len() > MOST_SENT {
            return Err(Refusal::TooLarge("the headers"));
        }
        let names: Vec<_> = text.split(';').take(MOST + 1).collect();
        if names.len() > MOST {
            return Err(Refusal::TooLarge("the list of signed headers"));
        }
        if !names.iter().all(|name| is_lower_token(name)) || !names.is_sorted_by(|a, b| a < b) {
            return Err(Refusal::Incomplete(
                "SignedHeaders is not a sorted list of lower-case names",
            ));
        }
        let sent: BTreeSet<String> = request
            .headers
            .iter()
            .map(|(name, _)| name.to_ascii_lowercase())
            .collect();
        if let Some(missing) = names.iter().find(|name| !sent.contains(**name)) {
            return Err(Refusal::HeaderMissing((*missing).to_owned()));
        }
        let signed = Self { text, names };
        signed.demand("host")?;
        // V04: whoever carries the request on may add headers, but none that says something about the signature.
        for name in sent.iter().filter(|name| name.starts_with("x-amz-")) {
            signed.demand(name)?;
        }
        Ok(signed)
    }

    /// # Errors
    /// When the header is not signed.
    pub fn demand(&self, name: &str) -> Result<(), Refusal> {
        if self.names.contains(&name) {
            Ok(())
        } else {
            Err(Refusal::HeaderNotSigned(name.to_owned()))
        }
    }

    pub fn text(&self) -> &str {
        self.text
    }

    /// One line for each name: its values in the order of arrival, trimmed, separated by commas.
    pub fn write(&self, request: Request<'_>, out: &mut Vec<u8>) {
        for name in &self.names {
            out.extend_from_slice(name.as_bytes());
            out.push(b':');
            for (index, value) in request.values(name).enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                push_trimmed(out, value);
            }
            out.push(b'\n');
        }
    }
}

/// RFC 9110 §5.6.2, without capitals.
fn is_lower_token(name: &str) -> bool {
    let mark = |byte| {
        matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
    };
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || mark(byte))
}

/// Without spaces at the ends, and with one where there are several or the line was folded (RFC 9112 §5.2).
fn push_trimmed(out: &mut Vec<u8>, value: &[u8]) {
    let mut words = value
        .split(|byte| matches!(byte, b' ' | b'\r' | b'\n'))
        .filter(|word| !word.is_empty());
    if let Some(first) = words.next() {
        out.extend_from_slice(first);
    }
    for word in words {
        out.push(b' ');
        out.extend_from_slice(word);
    }
}
