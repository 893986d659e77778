//! The one HTTP client for other providers.
//! Refuses redirects, slow answers and large ones.

use std::time::Duration;

use domain::federation::UpstreamError;
use reqwest::redirect::Policy;

use super::ProvidersError;

const CONNECT: Duration = Duration::from_secs(5);
const TOTAL: Duration = Duration::from_secs(10);
const MOST_BYTES: usize = 256 * 1024;
const USER_AGENT: &str = concat!("authz-server/", env!("CARGO_PKG_VERSION"));

/// Cheap to clone.
#[derive(Clone)]
pub struct Outside {
    client: reqwest::Client,
    most_bytes: usize,
}

/// Why there is no answer. Its words name the host, never a secret.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct OutsideError(String);

impl OutsideError {
    /// Without a secret.
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

impl From<OutsideError> for UpstreamError {
    fn from(error: OutsideError) -> Self {
        Self::Unavailable(error.0)
    }
}

impl Outside {
    /// # Errors
    /// When there is no TLS to be had.
    pub fn new() -> Result<Self, ProvidersError> {
        Self::with_timeout(TOTAL)
    }

    /// The same with another patience.
    ///
    /// # Errors
    /// As [`Outside::new`].
    pub fn with_timeout(total: Duration) -> Result<Self, ProvidersError> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT.min(total))
            .timeout(total)
            .user_agent(USER_AGENT)
            .build();
        client
            .map(|client| Self {
                client,
                most_bytes: MOST_BYTES,
            })
            .map_err(|error| ProvidersError::Client(error.to_string()))
    }

    /// The same for answers of up to `most` bytes.
    #[must_use]
    pub fn reading(mut self, most: usize) -> Self {
        self.most_bytes = most;
        self
    }

    /// # Errors
    /// See [`OutsideError`]; an answer that is an error is an answer.
    pub async fn send(
        self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, OutsideError> {
        let (parts, body) = request.into_parts();
        let host = parts.uri.host().unwrap_or_default().to_owned();
        let failed = |error: reqwest::Error| OutsideError(format!("{host}: {}", error.without_url()));
        let asking = self
            .client
            .request(parts.method, parts.uri.to_string())
            .headers(parts.headers)
            .body(body);
        let mut answer = asking.send().await.map_err(failed)?;
        let mut response = http::Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.clone_from(answer.headers());
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > self.most_bytes {
                return Err(OutsideError(format!("{host}: the answer is too large")));
            }
            body.extend_from_slice(&chunk);
        }
        let whole = response.body(body);
        whole.map_err(|_| OutsideError(format!("{host}: unreadable answer")))
    }
}
