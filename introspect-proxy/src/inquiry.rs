//! Questions to the server's `POST /check` about a live token: a bounded number at once, each with a deadline.
//! It refuses to understand the answers: whoever asks says what is asked for, and reads what comes back.

use crate::authority::{Authority, AuthorityError, document};
use crate::bearer::Credential;
use crate::facts::Facts;
use oauth::introspection::REVOCATION_POSITION;
use serde::de::DeserializeOwned;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

const MAX_ANSWER: usize = 64 * 1024;

/// Whose token it is about.
#[derive(Clone, Copy)]
pub struct Bearer<'a> {
    /// The token.
    pub credential: Credential<'a>,
    /// What is known of it.
    pub facts: &'a Facts,
    /// From where it is used.
    pub address: IpAddr,
}

/// What came back.
pub struct Reply<A> {
    /// The answer.
    pub answer: A,
    /// The position of the log it was read at, where the server said that.
    pub position: Option<u64>,
}

/// No usable answer in time; why is in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silent;

impl Silent {
    /// What the caller is told.
    pub const REASON: &'static str = "the authorization server does not answer";
}

/// Puts questions.
pub struct Inquiry {
    authority: Arc<Authority>,
    /// What is asked for, as the log of this program names it.
    matter: &'static str,
    timeout: Duration,
    slots: Semaphore,
}

impl Inquiry {
    /// Asks `authority`, at most so many questions at once, for as long as `timeout` each.
    #[must_use]
    pub fn new(
        authority: Arc<Authority>,
        matter: &'static str,
        (max_in_flight, timeout): (usize, Duration),
    ) -> Self {
        Self {
            authority,
            matter,
            timeout,
            slots: Semaphore::new(max_in_flight),
        }
    }

    /// Asks about `bearer`'s token, with these parameters besides.
    ///
    /// # Errors
    /// No turn, no answer in time, or none that can be read.
    pub async fn ask<A: DeserializeOwned>(
        &self,
        bearer: Bearer<'_>,
        besides: &[(&str, &str)],
    ) -> Result<Reply<A>, Silent> {
        let turn = tokio::time::timeout(self.timeout, self.slots.acquire()).await;
        let Ok(Ok(_slot)) = turn else {
            return Err(Silent);
        };
        match tokio::time::timeout(self.timeout, self.exchange(bearer, besides)).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => {
                tracing::warn!(%error, "asking for {} failed", self.matter);
                Err(Silent)
            }
            Err(_) => {
                tracing::warn!("asking for {} timed out", self.matter);
                Err(Silent)
            }
        }
    }

    async fn exchange<A: DeserializeOwned>(
        &self,
        bearer: Bearer<'_>,
        besides: &[(&str, &str)],
    ) -> Result<Reply<A>, AuthorityError> {
        let mut response = self.send(bearer, besides).await?;
        if response.status() == 401 && self.authority.reload_secret() {
            response = self.send(bearer, besides).await?;
        }
        let position = response.headers().get(REVOCATION_POSITION);
        let position = position.and_then(|value| value.to_str().ok()?.parse().ok());
        let body = document(response, MAX_ANSWER).await?;
        let answer =
            serde_json::from_slice(&body).map_err(|error| AuthorityError::Malformed(error.to_string()))?;
        Ok(Reply { answer, position })
    }

    async fn send(
        &self,
        bearer: Bearer<'_>,
        besides: &[(&str, &str)],
    ) -> Result<reqwest::Response, AuthorityError> {
        let url = self.authority.endpoints()?.check.clone();
        let address = bearer.address.to_canonical().to_string();
        let mut form = vec![
            ("token", bearer.credential.expose()),
            ("address", address.as_str()),
        ];
        form.extend_from_slice(besides);
        // Proven here already; the proof itself is good only once.
        let bound = bearer.facts.confirmation.as_deref();
        let key = bound.and_then(|bound| bound.jkt.as_deref());
        form.extend(key.map(|key| ("proven_jkt", key)));
        let certificate = bound.and_then(|bound| bound.certificate.as_deref());
        form.extend(certificate.map(|certificate| ("certificate_thumbprint", certificate)));
        let request = self.authority.authenticated(self.authority.post(url));
        Ok(request.form(&form).send().await?)
    }
}
