//! One request, read in full and taken apart, as handlers see it.
//! Bounded: longer bodies are not read.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderMap, Method};
use serde_json::Value;

use crate::caller::Caller;
use crate::problem::Problem;
use crate::shared::Shared;

/// What came over the wire.
pub(crate) struct Raw {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A request to a known operation.
pub(crate) struct Call<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) raw: &'a Raw,
    pub(crate) caller: Caller,
    /// The variable part of the path.
    pub(crate) parameter: &'a str,
    pub(crate) now: i64,
}

/// Names and values, in their order.
pub(crate) type Pairs = Vec<(String, String)>;

/// The value of the first pair of that name.
pub(crate) fn first<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    let mut found = pairs.iter().filter(|(own, _)| own == name);
    found.next().map(|(_, value)| value.as_str())
}

/// Takes a query or a form apart.
pub(crate) fn pairs(text: &[u8]) -> Pairs {
    form_urlencoded::parse(text)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

impl Raw {
    pub(crate) fn header(&self, name: impl http::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn query_pairs(&self) -> Pairs {
        pairs(self.query.as_bytes())
    }

    /// A form, or a flat JSON object, whichever the media type says.
    pub(crate) fn body_pairs(&self) -> Pairs {
        let media_type = self.header(CONTENT_TYPE).unwrap_or_default();
        if !media_type.starts_with("application/json") {
            return pairs(&self.body);
        }
        let Ok(Value::Object(members)) = serde_json::from_slice(&self.body) else {
            return Pairs::new();
        };
        let texts = members.into_iter().filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            _ => None,
        });
        texts.collect()
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.header(COOKIE)?.split(';');
        let mut named = cookies.filter_map(|cookie| cookie.trim().split_once('='));
        named.find(|(own, _)| *own == name).map(|(_, value)| value)
    }
}

impl Call<'_> {
    /// The body as a JSON object; an absent one is empty.
    pub(crate) fn json(&self) -> Result<Value, Problem> {
        if self.raw.body.is_empty() {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        serde_json::from_slice(&self.raw.body)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(Problem::unreadable_body)
    }

    /// The variable part of the path as a number.
    pub(crate) fn number(&self) -> Result<u64, Problem> {
        self.parameter.parse().map_err(|_| Problem::not_found())
    }
}
