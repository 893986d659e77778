//! Asking the authorization server about a token: coalesced, capped, with a deadline.
//! It refuses to keep failures, and its calls do not depend on the request that caused them.

use crate::authority::{Authority, AuthorityError, document};
use crate::bearer::TokenDigest;
use crate::clock::{Clock, Tick};
use crate::facts::{Facts, Unusable};
use crate::metrics::Metrics;
use crate::revocations::Revocations;
use crate::trace;
use futures::FutureExt;
use futures::future::Shared;
use oauth::introspection::{IntrospectionResponse, REVOCATION_POSITION};
use std::collections::{HashMap, hash_map};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use zeroize::Zeroizing;

const MAX_ANSWER: usize = 64 * 1024;
/// So many callers may wait for each call that runs.
const WAITING_PER_CALL: usize = 16;
/// One call in so many is kept for look-ups ahead of time, so that no herd delays those.
const REFRESH_PART: usize = 4;

/// What the authorization server says, or that it says nothing.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Facts about a live token.
    Active(Arc<Facts>),
    /// Not a live token.
    Inactive,
    /// Active, but nothing this proxy may accept.
    Unusable(&'static str),
    /// No answer in time, or too many questions at once.
    Unavailable,
}

type Pending = Shared<oneshot::Receiver<Answer>>;

/// Asks questions.
pub struct Introspector {
    authority: Arc<Authority>,
    revocations: Arc<Revocations>,
    clock: Clock,
    metrics: Arc<Metrics>,
    /// Calls run here, not on the thread of the request.
    runtime: Handle,
    in_flight: Mutex<HashMap<TokenDigest, Pending>>,
    /// Calls that somebody waits for and that run.
    slots: Semaphore,
    /// Those that run or wait for a slot.
    places: Arc<Semaphore>,
    /// Calls ahead of time.
    refreshes: Arc<Semaphore>,
    timeout: Duration,
    ttl: Duration,
}

/// The bounds of an [`Introspector`].
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Calls at once.
    pub max_in_flight: usize,
    /// Deadline of one call.
    pub timeout: Duration,
    /// Life of facts.
    pub ttl: Duration,
}

/// What an introspector works with.
pub struct Parts {
    /// Whom to ask.
    pub authority: Arc<Authority>,
    /// The log, whose position stands in for an answer that names none.
    pub revocations: Arc<Revocations>,
    /// Time.
    pub clock: Clock,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Where calls run.
    pub runtime: Handle,
}

impl Introspector {
    /// Asks through `parts` within `bounds`.
    #[must_use]
    pub fn new(parts: Parts, bounds: Bounds) -> Self {
        let Parts {
            authority,
            revocations,
            clock,
            metrics,
            runtime,
        } = parts;
        let ahead = bounds.max_in_flight / REFRESH_PART;
        Self {
            authority,
            revocations,
            clock,
            metrics,
            runtime,
            in_flight: Mutex::new(HashMap::new()),
            slots: Semaphore::new(bounds.max_in_flight - ahead),
            places: Arc::new(Semaphore::new(
                bounds
                    .max_in_flight
                    .saturating_mul(WAITING_PER_CALL)
                    .min(Semaphore::MAX_PERMITS),
            )),
            refreshes: Arc::new(Semaphore::new(ahead)),
            timeout: bounds.timeout,
            ttl: bounds.ttl,
        }
    }

    /// Whom it asks.
    #[must_use]
    pub const fn authority(&self) -> &Arc<Authority> {
        &self.authority
    }

    /// Whether a call about this token is under way already.
    #[must_use]
    pub fn is_asking(&self, digest: &TokenDigest) -> bool {
        self.in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(digest)
    }

    /// The answer about a token; callers that come while it is being fetched share it. `keep` is called once
    /// with each answer before anybody sees it; `recall` is asked for what was kept just before a call would begin,
    /// so that nobody who came in between asks twice.
    pub async fn ask(
        self: &Arc<Self>,
        digest: TokenDigest,
        token: &str,
        keep: impl FnOnce(TokenDigest, &Answer) + Send + 'static,
        recall: impl FnOnce() -> Option<Answer> + Send,
    ) -> Answer {
        let pending = {
            let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
            match in_flight.get(&digest) {
                Some(pending) => {
                    self.metrics.coalesced.increment(1);
                    pending.clone()
                }
                None => {
                    if let Some(answer) = recall() {
                        return answer;
                    }
                    let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
                        self.metrics.lookup_refused();
                        return Answer::Unavailable;
                    };
                    let pending = self.start(digest, token, keep, Turn::of(place, true));
                    in_flight.insert(digest, pending.clone());
                    pending
                }
            }
        };
        // Who waited for a turn gives up in time all the same; the call goes on, and what it finds is kept.
        match tokio::time::timeout(self.timeout, pending).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Answer::Unavailable,
        }
    }

    /// Asks again about a token that is still known, and lets nobody wait for it; not while many such calls run,
    /// and not when what is `wanted` was found meanwhile.
    pub fn refresh(
        self: &Arc<Self>,
        digest: TokenDigest,
        token: &str,
        keep: impl FnOnce(TokenDigest, &Answer) + Send + 'static,
        wanted: impl FnOnce() -> bool,
    ) {
        let Ok(place) = Arc::clone(&self.refreshes).try_acquire_owned() else {
            return;
        };
        let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let hash_map::Entry::Vacant(entry) = in_flight.entry(digest)
            && wanted()
        {
            entry.insert(self.start(digest, token, keep, Turn::of(place, false)));
        }
    }

    fn start(
        self: &Arc<Self>,
        digest: TokenDigest,
        token: &str,
        keep: impl FnOnce(TokenDigest, &Answer) + Send + 'static,
        turn: Turn,
    ) -> Pending {
        let token = Zeroizing::new(token.to_owned());
        let (done, pending) = oneshot::channel();
        let introspector = Arc::clone(self);
        self.runtime.spawn(trace::within(trace::carried(), async move {
            let entry = Entry {
                introspector: &introspector,
                digest,
            };
            let answer = introspector.call(&token, &turn).await;
            keep(digest, &answer);
            drop(entry);
            let _nobody_waits = done.send(answer);
        }));
        pending.shared()
    }

    async fn call(&self, token: &str, turn: &Turn) -> Answer {
        let _slot = if turn.is_queued {
            let slot = tokio::time::timeout(self.timeout, self.slots.acquire());
            let Ok(Ok(slot)) = slot.await else {
                self.metrics.lookup_refused();
                return Answer::Unavailable;
            };
            Some(slot)
        } else {
            None
        };
        let result = tokio::time::timeout(self.timeout, async {
            let _in_flight = self.metrics.lookup_begins();
            let started = self.clock.tick();
            let answer = self.exchange(token, started).await;
            self.metrics.lookup_done(self.clock.tick().since(started));
            answer
        });
        match result.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                tracing::warn!(%error, "introspection failed");
                self.metrics.lookup_failed();
                Answer::Unavailable
            }
            Err(_) => {
                tracing::warn!("introspection timed out");
                self.metrics.lookup_failed();
                Answer::Unavailable
            }
        }
    }

    async fn exchange(&self, token: &str, started: Tick) -> Result<Answer, AuthorityError> {
        // An answer that names no position was read after this one at least.
        let known = self.revocations.head();
        let mut response = self.send(token).await?;
        if response.status() == 401 && self.authority.reload_secret() {
            response = self.send(token).await?;
        }
        let position = response
            .headers()
            .get(REVOCATION_POSITION)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.parse().ok())
            .unwrap_or(known);
        let body = document(response, MAX_ANSWER).await?;
        let answer: IntrospectionResponse =
            serde_json::from_slice(&body).map_err(|error| AuthorityError::Malformed(error.to_string()))?;
        let Some(token) = answer.active() else {
            return Ok(Answer::Inactive);
        };
        let stale_at = started.after(self.ttl);
        Ok(
            match Facts::from_introspection(token, self.authority.issuer(), position, stale_at) {
                Ok(mut facts) => {
                    facts.read_at = started;
                    Answer::Active(Arc::new(facts))
                }
                Err(Unusable(why)) => Answer::Unusable(why),
            },
        )
    }

    async fn send(&self, token: &str) -> Result<reqwest::Response, AuthorityError> {
        let url = self.authority.endpoints()?.introspection.clone();
        let request = self.authority.authenticated(self.authority.post(url));
        let mut span = trace::child("introspect");
        let sent = trace::introduced(request, span.as_ref())
            .form(&[("token", token)])
            .send();
        let answer = sent.await;
        if let (Some(span), true) = (
            &mut span,
            answer
                .as_ref()
                .map_or(true, |answer| !answer.status().is_success()),
        ) {
            span.failed();
        }
        Ok(answer?)
    }
}

/// When a call may run: after those before it, or at once because a slot is kept for it.
struct Turn {
    _place: OwnedSemaphorePermit,
    is_queued: bool,
}

impl Turn {
    const fn of(place: OwnedSemaphorePermit, is_queued: bool) -> Self {
        Self {
            _place: place,
            is_queued,
        }
    }
}

/// Takes a call off the table, however it ends.
struct Entry<'a> {
    introspector: &'a Introspector,
    digest: TokenDigest,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.introspector
            .in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.digest);
    }
}
