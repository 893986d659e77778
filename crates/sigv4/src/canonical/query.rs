//! The query in the canonical request: names and values decoded once, encoded in one way, sorted.
//! Refuses a bare `+`, which some signers take for a space and others for itself, and anything that does not decode.

use std::borrow::Cow;

use super::push_encoded;
use crate::presigned::SIGNATURE;
use crate::refusal::Refusal;

const LONGEST: usize = 16 * 1024;
const MOST: usize = 200;

type Pair<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

/// The pairs, decoded, in the order of arrival.
pub(crate) struct Query<'a> {
    pairs: Vec<Pair<'a>>,
    /// Whether `X-Amz-Signature` is left out of what is signed: in the query form only.
    presigned: bool,
}

impl<'a> Query<'a> {
    pub fn parse(text: &'a str) -> Result<Self, Refusal> {
        if text.len() > LONGEST || text.bytes().filter(|byte| *byte == b'&').count() >= MOST {
            return Err(Refusal::TooLarge("the query"));
        }
        let parts = text.split('&').filter(|_| !text.is_empty());
        let pairs = parts.map(|part| {
            if part.is_empty() {
                return Err(Refusal::Malformed("the query has an empty parameter"));
            }
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Ok((decoded(name)?, decoded(value)?))
        });
        Ok(Self {
            pairs: pairs.collect::<Result<_, _>>()?,
            presigned: false,
        })
    }

    pub fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.pairs
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The same, of a request whose signature stands in the query.
    pub fn presigned(self) -> Self {
        Self {
            presigned: true,
            ..self
        }
    }

    /// Sorted by encoded name, then by encoded value.
    pub fn canonical(&self) -> String {
        let signed = |(name, _): &(&[u8], &[u8])| !self.presigned || *name != SIGNATURE;
        let mut pairs: Vec<_> = self
            .pairs()
            .filter(signed)
            .map(|(name, value)| (encoded(name), encoded(value)))
            .collect();
        pairs.sort_unstable();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("&")
    }
}

fn encoded(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 8);
    push_encoded(&mut out, bytes);
    out
}

fn decoded(text: &str) -> Result<Cow<'_, [u8]>, Refusal> {
    if text.contains('+') {
        return Err(Refusal::Malformed("a plus in the query: write %20 or %2B"));
    }
    if !text.contains('%') {
        return Ok(Cow::Borrowed(text.as_bytes()));
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let byte = after.split_at_checked(2).and_then(|(digits, after)| {
                rest = after;
                Some((digit(digits[0])? << 4) | digit(digits[1])?)
            });
            out.push(byte.ok_or(Refusal::Malformed("a percent sign in the query"))?);
        } else {
            out.push(*first);
            rest = after;
        }
    }
    Ok(Cow::Owned(out))
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> Result<String, Refusal> {
        Query::parse(text).map(|query| query.canonical())
    }

    #[test]
    fn every_spelling_of_a_query_has_one_form() {
        for (sent, expected) in [
            ("", ""),
            ("a", "a="),
            ("a=", "a="),
            ("=b", "=b"),
            ("b=2&a=1", "a=1&b=2"),
            ("a=2&a=1&A=3", "A=3&a=1&a=2"),
            ("a=%7e%2f/:", "a=~%2F%2F%3A"),
            ("a=b=c", "a=b%3Dc"),
            ("a=%20%2B", "a=%20%2B"),
            ("%c3%a9=%FF", "%C3%A9=%FF"),
            ("a-b=1&a=2", "a=2&a-b=1"),
        ] {
            assert_eq!(canonical(sent).as_deref(), Ok(expected), "{sent}");
        }
    }

    /// V06.
    #[test]
    fn queries_that_signers_read_differently_are_refused() {
        for sent in ["a=b+c", "a=%", "a=%4", "a=%zz", "a=%+1", "a&&b", "&a", "a&", "&"] {
            assert!(matches!(canonical(sent), Err(Refusal::Malformed(_))), "{sent}");
        }
        assert_eq!(canonical(&"a&".repeat(MOST)), Err(Refusal::TooLarge("the query")));
    }
}
