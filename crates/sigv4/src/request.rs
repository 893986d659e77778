//! A request as it came over the wire, and the rules it is held against.
//! Refuses nothing itself: it is what everything else here reads.

use std::time::Duration;

use crate::authorization::is_signature;

/// Everything that a signature can cover, untouched: nothing decoded, merged, sorted or rewritten.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub method: &'a str,
    /// As in the request line, up to the `?`.
    pub path: &'a str,
    /// What follows the `?`.
    pub query: Option<&'a str>,
    /// In the order of arrival; a name may occur more than once, in any case.
    pub headers: &'a [(&'a str, &'a [u8])],
    pub body: &'a [u8],
}

/// What is accepted here.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    pub region: &'a str,
    pub service: &'a str,
    /// How far the date of a request may be from now, in both directions.
    pub skew: Duration,
    /// The longest `X-Amz-Expires` of a presigned request; never more than a week.
    pub longest_presigned: Duration,
    pub path: PathForm,
}

/// How the path stands in the canonical request. Each segment is encoded once more than it was sent in either form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PathForm {
    /// Dot segments and empty segments removed first: every service but S3.
    Normalised,
    /// As it was sent.
    AsSent,
}

impl<'a> Request<'a> {
    /// Whether it means to be signed, however well: whoever takes other credentials, too, asks first.
    pub fn is_signed(self) -> bool {
        let parameters = self.query.unwrap_or_default().split('&');
        let mut parameters = parameters.filter(|part| part.starts_with("X-Amz-"));
        self.values("authorization").any(is_signature) || parameters.next().is_some()
    }

    /// The values of a header, in the order of arrival.
    pub(crate) fn values(self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let named = move |header: &&(&str, &[u8])| header.0.eq_ignore_ascii_case(name);
        self.headers.iter().filter(named).map(|(_, value)| *value)
    }

    /// The one value of a header that may occur only once.
    pub(crate) fn single(self, name: &'a str) -> Result<Option<&'a [u8]>, Repeated> {
        let mut values = self.values(name);
        let first = values.next();
        values.next().map_or(Ok(first), |_| Err(Repeated))
    }
}

/// A header occurs twice that may occur once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeated;
