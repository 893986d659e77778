//! An answer, with the request that it belongs to.
//! Checks what holds for every answer: a request id, and the limit where limits are announced.

use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;

use crate::trouble::{Failure, Outcome, Trouble, shorten};

/// As much of a body as a report shows.
const SHOWN: usize = 600;

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    pub(crate) request: String,
    pub(crate) path: String,
    /// The status.
    pub status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) limit_fields: bool,
}

impl Reply {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The header, or a failure.
    ///
    /// # Errors
    /// When it is not there.
    pub fn must_have(&self, name: &str) -> Outcome<&str> {
        self.header(name)
            .ok_or_else(|| self.unlike(&format!("the header {name}")))
    }

    /// A failure that shows this answer.
    pub fn unlike(&self, expected: &str) -> Trouble {
        let interesting = ["content-type", "location", "allow", "www-authenticate"];
        let mut got = format!("{}", self.status);
        for name in interesting {
            if let Some(value) = self.header(name) {
                got.push_str(&format!("\n{name}: {value}"));
            }
        }
        let start = self.body.get(..SHOWN).unwrap_or(&self.body);
        got.push_str(&format!("\n{}", String::from_utf8_lossy(start)));
        Trouble::Failed(Failure {
            request: self.request.clone(),
            expected: expected.to_owned(),
            got: shorten(&got),
        })
    }

    /// The status, and what every answer carries.
    ///
    /// # Errors
    /// When it is another, or something is missing.
    pub fn must_be(&self, status: u16) -> Outcome {
        if self.status != status {
            return Err(self.unlike(&format!("status {status}")));
        }
        if self.must_have("x-request-id")?.is_empty() {
            return Err(self.unlike("an X-Request-Id that is not empty"));
        }
        match self.limit_fields {
            true => self.must_tell_its_limit(),
            false => Ok(()),
        }
    }

    fn must_tell_its_limit(&self) -> Outcome {
        let [limit, remaining, reset] = ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]
            .map(|name| self.must_have(name).map(|value| value.parse::<i64>().ok()));
        let (limit, remaining, reset) = (limit?, remaining?, reset?);
        if limit.is_none() || remaining.is_none() || remaining > limit {
            return Err(self.unlike("X-RateLimit-Remaining, a number of at most X-RateLimit-Limit"));
        }
        let now = crate::clock::seconds();
        if !reset.is_some_and(|at| (now - 120..now + 90_000).contains(&at)) {
            return Err(self.unlike("X-RateLimit-Reset in seconds since the epoch, soon"));
        }
        self.must_have("RateLimit")?;
        self.must_have("RateLimit-Policy").map(|_| ())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is something else, or says so.
    pub fn json(&self) -> Outcome<Value> {
        let kind = self.header("content-type").unwrap_or_default();
        if kind.split(';').next() != Some("application/json") {
            return Err(self.unlike("content type application/json"));
        }
        serde_json::from_slice(&self.body).map_err(|_| self.unlike("a JSON body"))
    }

    /// Where a redirect leads.
    ///
    /// # Errors
    /// When it is none.
    pub fn location(&self) -> Outcome<Url> {
        if !matches!(self.status, 302 | 303) {
            return Err(self.unlike("status 302"));
        }
        let location = self.must_have("location")?;
        Url::parse(location).map_err(|_| self.unlike("a whole address in Location"))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The bytes of the body.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }
}
