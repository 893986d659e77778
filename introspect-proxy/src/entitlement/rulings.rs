//! What the authorization server says an account is entitled to, remembered until the log speaks of the account.
//! It refuses to pass a request for which there is no answer, and to use an answer beyond what it leaves.

use super::ruling::{Answer, Before, Ruling};
use crate::authority::{Authority, AuthorityError, document};
use crate::bearer::Credential;
use crate::clock::Clock;
use crate::facts::Facts;
use crate::revocations::Revocations;
use crate::usage::Usage;
use futures::FutureExt;
use moka::Equivalent;
use moka::future::Cache;
use oauth::introspection::REVOCATION_POSITION;
use oauth::revocation_index::TokenKeys;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Semaphore;

const MAX_ANSWER: usize = 64 * 1024;
/// How long a ruling that was asked for because nothing was left is not asked for anew.
const PAUSE: Duration = Duration::from_secs(1);

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
const CHANGING: Unruled = Unruled::Unavailable("what the account is entitled to is changing");

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

/// The verdict is the account's, whichever token asks: so one answer serves all of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    account: Box<str>,
    feature: Arc<str>,
}

/// A key that nobody has to own.
#[derive(Hash)]
struct Sought<'a> {
    account: &'a str,
    feature: &'a str,
}

impl Equivalent<Key> for Sought<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self.account == *key.account && *self.feature == *key.feature
    }
}

/// Asks, and remembers answers.
pub struct Entitlements {
    parts: Parts,
    known: Cache<Key, Arc<Ruling>>,
    slots: Semaphore,
    bounds: Bounds,
}

impl Entitlements {
    /// Asks through `parts` within `bounds`.
    #[must_use]
    pub fn new(parts: Parts, bounds: Bounds) -> Self {
        let known = Cache::builder().max_capacity(bounds.entries);
        Self {
            parts,
            known: known.time_to_live(bounds.ttl).build(),
            slots: Semaphore::new(bounds.max_in_flight),
            bounds,
        }
    }

    /// What is known already and may be used. Never waits.
    pub fn at_hand(&self, asked: Asked<'_>) -> Option<Arc<Ruling>> {
        let sought = Sought {
            account: asked.account,
            feature: asked.feature,
        };
        // Whatever would have to wait is as good as unknown; and no request is as large as what waiting takes.
        let known = self.known.get(&sought).now_or_never()??;
        if !self.stands(&known, asked.account) {
            return None;
        }
        self.parts.usage.measures.hits.increment(1);
        Some(known)
    }

    /// The ruling; `relies`: whether what becomes known may be used for others. Callers that ask the same share one call.
    ///
    /// # Errors
    /// No answer in time, none that is young enough, or a token that is dead.
    pub async fn rule(&self, asked: Asked<'_>, relies: bool) -> Result<Arc<Ruling>, Unruled> {
        if !relies {
            return self.ask(asked).await;
        }
        let key = Key {
            account: asked.account.into(),
            feature: Arc::clone(asked.feature),
        };
        // Twice: the answer may be older than a change that came in meanwhile.
        for _ in 0..2 {
            self.forget_fallen(&key, asked.account).await;
            let mut own = false;
            let ask = async {
                own = true;
                self.ask(asked).await
            };
            match self.known.try_get_with_by_ref(&key, ask).await {
                Ok(found) if self.stands(&found, asked.account) => return Ok(found),
                Ok(_) => {}
                // Another caller's token is dead; that is no word about this one.
                Err(error) if *error == Unruled::Inactive && !own => return self.ask(asked).await,
                Err(error) => return Err(*error),
            }
        }
        Err(CHANGING)
    }

    /// The ruling again, because `spent` leaves nothing by this proxy's own count: everything counted here is told, then the
    /// server is asked, unless `spent` is itself such an answer, and young. `None`: it stays as it is.
    ///
    /// # Errors
    /// As [`Self::rule`].
    pub async fn again(
        &self,
        asked: Asked<'_>,
        spent: &Arc<Ruling>,
        relies: bool,
    ) -> Result<Option<Arc<Ruling>>, Unruled> {
        let age = self.parts.clock.tick().since(spent.read_at);
        if spent.renewed.load(Ordering::Relaxed) && age < PAUSE {
            return Ok(None);
        }
        // The answer is sound without it, but then it would not know of what was used here.
        let _all_told = self.parts.usage.flush(self.bounds.timeout).await;
        let key = Key {
            account: asked.account.into(),
            feature: Arc::clone(asked.feature),
        };
        let known = self.known.get(&key).await;
        if known.is_some_and(|known| Arc::ptr_eq(&known, spent)) {
            self.known.invalidate(&key).await;
        }
        let news = self.rule(asked, relies).await?;
        news.renewed.store(true, Ordering::Relaxed);
        Ok(Some(news))
    }

    /// Drops everything.
    pub fn clear(&self) {
        self.known.invalidate_all();
    }

    async fn forget_fallen(&self, key: &Key, account: &str) {
        let known = self.known.get(key).await;
        if known.is_some_and(|known| !self.stands(&known, account)) {
            self.known.invalidate(key).await;
        }
    }

    fn stands(&self, ruling: &Ruling, account: &str) -> bool {
        // What was ruled counts as old: every later word about the account makes it asked anew.
        let keys = TokenKeys {
            account_id: Some(account),
            ..TokenKeys::default()
        };
        let log = &self.parts.revocations;
        self.parts.clock.tick() < ruling.stale_at && log.silent_on(&keys, ruling.position, &ruling.cleared)
    }

    async fn ask(&self, asked: Asked<'_>) -> Result<Arc<Ruling>, Unruled> {
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
