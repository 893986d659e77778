//! Asking the authorization server what an account is entitled to.
//! It refuses to ask more at once than it may, and to wait for longer; what a question costs is counted.

use super::ruling::{Answer, Before, Ruling};
use crate::authority::{Authority, AuthorityError, document};
use crate::bearer::Credential;
use crate::clock::Clock;
use crate::facts::Facts;
use crate::revocations::Revocations;
use crate::usage::Usage;
use oauth::introspection::REVOCATION_POSITION;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

const MAX_ANSWER: usize = 64 * 1024;

/// A question about the account of a live token.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// A token of the account, any.
    pub credential: Credential<'a>,
    /// What is known of it.
    pub facts: &'a Facts,
    /// Its account.
    pub account: &'a str,
    /// What the account wants to use.
    pub feature: &'a Arc<str>,
    /// From where.
    pub address: IpAddr,
}

/// Why there is no ruling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unruled {
    /// This token is none any more; it says nothing of the account.
    Inactive,
    /// It could not be found out.
    Unavailable(&'static str),
}

const SILENT: Unruled = Unruled::Unavailable("the authorization server does not answer");

/// What it works with.
pub struct Parts {
    /// Whom to ask.
    pub authority: Arc<Authority>,
    /// The log.
    pub revocations: Arc<Revocations>,
    /// Time.
    pub clock: Clock,
    /// What is counted here and not on the books yet.
    pub usage: Arc<Usage>,
}

/// How much is asked and kept.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Calls at once.
    pub max_in_flight: usize,
    /// Deadline of one call.
    pub timeout: Duration,
    /// Answers.
    pub entries: u64,
    /// Life of an answer.
    pub ttl: Duration,
}

/// Puts questions, a bounded number of them at once.
pub(super) struct Questions {
    pub(super) parts: Parts,
    pub(super) bounds: Bounds,
    slots: Semaphore,
}

impl Questions {
    pub(super) fn new(parts: Parts, bounds: Bounds) -> Self {
        Self {
            parts,
            bounds,
            slots: Semaphore::new(bounds.max_in_flight),
        }
    }

    /// What the server says now.
    ///
    /// # Errors
    /// No answer in time, or a token that is dead.
    pub(super) async fn ask(&self, asked: Asked<'_>) -> Result<Arc<Ruling>, Unruled> {
        self.parts.usage.measures.misses.increment(1);
        let turn = tokio::time::timeout(self.bounds.timeout, self.slots.acquire()).await;
        let Ok(Ok(_slot)) = turn else {
            return Err(SILENT);
        };
        let exchange = tokio::time::timeout(self.bounds.timeout, self.exchange(asked)).await;
        let Ok(answer) = exchange else {
            tracing::warn!("asking for an entitlement timed out");
            return Err(SILENT);
        };
        match answer {
            Ok(Some(ruling)) => Ok(Arc::new(ruling)),
            Ok(None) => Err(Unruled::Inactive),
            Err(error) => {
                tracing::warn!(%error, "asking for an entitlement failed");
                Err(SILENT)
            }
        }
    }

    /// The ruling; none when the token is dead.
    async fn exchange(&self, asked: Asked<'_>) -> Result<Option<Ruling>, AuthorityError> {
        // Before the question is put: what is on the books by then is in the answer, so it is never counted too low.
        let before = self.before(asked);
        let mut response = self.send(asked).await?;
        if response.status() == 401 && self.parts.authority.reload_secret() {
            response = self.send(asked).await?;
        }
        let position = response.headers().get(REVOCATION_POSITION);
        let position = position.and_then(|value| value.to_str().ok()?.parse().ok());
        let body = document(response, MAX_ANSWER).await?;
        let answer: Answer =
            serde_json::from_slice(&body).map_err(|error| AuthorityError::Malformed(error.to_string()))?;
        if !answer.active {
            return Ok(None);
        }
        let position = position.unwrap_or(before.position);
        let ruling = answer.ruling(Before { position, ..before });
        ruling.map(Some).map_err(AuthorityError::Malformed)
    }

    fn before(&self, asked: Asked<'_>) -> Before {
        let cell = self.parts.usage.cells.find(asked.account, asked.feature);
        Before {
            account: asked.account.into(),
            feature: Arc::clone(asked.feature),
            settled: cell.as_ref().map_or(0, |cell| cell.settled()),
            cell,
            read_at: self.parts.clock.tick(),
            // An answer that names no position was read after this one at least.
            position: self.parts.revocations.head(),
            history: self.parts.revocations.histories_lost(),
            ttl: self.bounds.ttl,
            now: self.parts.clock.unix_seconds(),
        }
    }

    async fn send(&self, asked: Asked<'_>) -> Result<reqwest::Response, AuthorityError> {
        let authority = &self.parts.authority;
        let url = authority.endpoints()?.check.clone();
        let address = asked.address.to_canonical().to_string();
        let mut form = vec![
            ("token", asked.credential.expose()),
            ("entitlement", &**asked.feature),
            ("address", &address),
        ];
        // Proven here already; the proof itself is good only once.
        let bound = asked.facts.confirmation.as_deref();
        let key = bound.and_then(|bound| bound.jkt.as_deref());
        form.extend(key.map(|key| ("proven_jkt", key)));
        let certificate = bound.and_then(|bound| bound.certificate.as_deref());
        form.extend(certificate.map(|certificate| ("certificate_thumbprint", certificate)));
        let request = authority.authenticated(authority.post(url));
        Ok(request.form(&form).send().await?)
    }
}
