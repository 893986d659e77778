//! The way to the server: one client, no redirects, no cookies.
//! Adds no credential by itself.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;

use crate::call::Call;

/// Slower answers count as none.
const LIMIT: Duration = Duration::from_secs(30);

/// A client of one server; cheap to clone.
#[derive(Clone, Debug)]
pub struct Http {
    pub(crate) client: reqwest::Client,
    base: Arc<str>,
    pub(crate) limit_fields: bool,
}

impl Http {
    /// For the server at `base`; `limit_fields` says whether each answer must tell its rate limit.
    ///
    /// # Errors
    /// When no client can be built.
    pub fn new(base: &str, limit_fields: bool) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(LIMIT)
            .build();
        Ok(Self {
            client: client.map_err(|error| error.to_string())?,
            base: base.trim_end_matches('/').into(),
            limit_fields,
        })
    }

    /// The same with another client, such as one with cookies.
    pub fn through(&self, client: reqwest::Client) -> Self {
        Self {
            client,
            ..self.clone()
        }
    }

    /// The address of a path; whole addresses stay.
    pub fn url(&self, path: &str) -> String {
        match path.starts_with("http") {
            true => path.to_owned(),
            false => format!("{}{path}", self.base),
        }
    }

    /// A request that is yet to be sent.
    pub fn call(&self, method: &str, path: &str) -> Call {
        Call::new(self.clone(), method, path)
    }

    /// GET.
    pub fn get(&self, path: &str) -> Call {
        self.call("GET", path)
    }

    /// POST.
    pub fn post(&self, path: &str) -> Call {
        self.call("POST", path)
    }

    /// PUT.
    pub fn put(&self, path: &str) -> Call {
        self.call("PUT", path)
    }

    /// PATCH.
    pub fn patch(&self, path: &str) -> Call {
        self.call("PATCH", path)
    }

    /// DELETE.
    pub fn delete(&self, path: &str) -> Call {
        self.call("DELETE", path)
    }
}
