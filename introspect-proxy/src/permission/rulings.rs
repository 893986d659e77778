//! What the authorization server says a token may do, remembered within bounds and until the log says otherwise.
//! It refuses to pass a request for which there is no answer, and to keep a failure.

use crate::authority::Authority;
use crate::bearer::{Credential, TokenDigest};
use crate::clock::{Clock, Tick};
use crate::facts::Facts;
use crate::inquiry::{Bearer, Inquiry, Silent};
use crate::revocations::Revocations;
use moka::future::Cache;
use oauth::revocation_index::TokenKeys;
use oauth::scope::ScopeSet;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Life of an answer that does not say how long it holds: policies may speak of the time of day.
const UNSAID: Duration = Duration::from_secs(10);
/// Life of an answer that holds for less.
const SHORTEST: Duration = Duration::from_secs(1);

/// A question about a live token.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The token.
    pub credential: Credential<'a>,
    /// What is known of it.
    pub facts: &'a Facts,
    /// What it is to be used for.
    pub action: &'a str,
    /// On what.
    pub resource: &'a str,
    /// From where.
    pub address: IpAddr,
    /// To which host.
    pub host: &'a str,
    /// By which method.
    pub method: &'a str,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Ruled {
    /// Whether the token may be used for this.
    pub allowed: bool,
    /// A word for programs.
    pub reason: Box<str>,
    /// What the token lacks, where that is scopes.
    pub missing: Option<ScopeSet>,
    /// When it must be asked for anew.
    pub stale_at: Tick,
    position: u64,
    /// Histories that the server had lost when it was asked.
    history: u64,
}

#[derive(Deserialize)]
struct Answer {
    active: bool,
    allowed: bool,
    reason: String,
    missing_scope: Option<String>,
    /// How long it holds in seconds, while the log is silent.
    valid_for: Option<u64>,
}

/// What it works with.
pub struct Parts {
    /// Whom to ask.
    pub authority: Arc<Authority>,
    /// The log.
    pub revocations: Arc<Revocations>,
    /// Time.
    pub clock: Clock,
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
    /// The longest life of an answer, whatever it says of itself.
    pub ttl: Duration,
}

/// Asks, and remembers answers.
pub struct Rulings {
    parts: Parts,
    known: Cache<TokenDigest, Arc<Ruled>>,
    inquiry: Inquiry,
    longest: Duration,
}

impl Rulings {
    /// Asks through `parts` within `bounds`.
    #[must_use]
    pub fn new(parts: Parts, bounds: Bounds) -> Self {
        let known = Cache::builder().max_capacity(bounds.entries);
        let authority = Arc::clone(&parts.authority);
        let limits = (bounds.max_in_flight, bounds.timeout);
        Self {
            parts,
            known: known.time_to_live(bounds.ttl).build(),
            inquiry: Inquiry::new(authority, "a decision", limits),
            longest: bounds.ttl,
        }
    }

    /// The ruling; `relies`: whether what is known may be used now. Callers that ask the same share one call.
    ///
    /// # Errors
    /// No answer in time, or none that is young enough.
    pub async fn rule(&self, asked: Asked<'_>, relies: bool) -> Result<Arc<Ruled>, &'static str> {
        if !relies {
            return self.ask(asked).await;
        }
        let key = asked.key();
        if let Some(known) = self.known.get(&key).await {
            if self.stands(&known, asked.facts) {
                return Ok(known);
            }
            self.known.invalidate(&key).await;
        }
        // Twice: the answer may be older than a change of policies that came in meanwhile.
        for _ in 0..2 {
            let found = self.known.try_get_with(key, self.ask(asked)).await;
            let found = found.map_err(|error| *error)?;
            if self.stands(&found, asked.facts) {
                return Ok(found);
            }
            self.known.invalidate(&key).await;
        }
        Err("the policies of the caller are changing")
    }

    /// Whether the log has spoken of the token since, or lost its history, so that the ruling says nothing any more.
    #[must_use]
    pub fn is_overtaken(&self, ruled: &Ruled, facts: &Facts) -> bool {
        // What was ruled counts as old: every later word about the token, its user or its client makes it asked anew.
        let keys = TokenKeys {
            iat_seconds: None,
            ..facts.keys()
        };
        let log = &self.parts.revocations;
        ruled.history != log.histories_lost() || log.said(&keys, ruled.position)
    }

    /// Drops everything.
    pub fn clear(&self) {
        self.known.invalidate_all();
    }

    fn stands(&self, ruled: &Ruled, facts: &Facts) -> bool {
        self.parts.clock.tick() < ruled.stale_at && !self.is_overtaken(ruled, facts)
    }

    async fn ask(&self, asked: Asked<'_>) -> Result<Arc<Ruled>, &'static str> {
        // An answer that names no position was read after this one at least.
        let (started, known) = (self.parts.clock.tick(), self.parts.revocations.head());
        let history = self.parts.revocations.histories_lost();
        let context = serde_json::json!({"request:host": asked.host, "request:method": asked.method});
        let context = context.to_string();
        let besides = [
            ("action", asked.action),
            ("resource", asked.resource),
            ("context", &context),
        ];
        let bearer = Bearer {
            credential: asked.credential,
            facts: asked.facts,
            address: asked.address,
        };
        let reply = self.inquiry.ask::<Answer>(bearer, &besides).await;
        let reply = reply.map_err(|Silent| Silent::REASON)?;
        let answer = reply.answer;
        let holds = answer.holds().min(self.longest);
        let missing = answer.missing_scope.as_deref();
        Ok(Arc::new(Ruled {
            allowed: answer.active && answer.allowed,
            missing: missing.and_then(|scopes| ScopeSet::parse_granted(scopes).ok()),
            reason: answer.reason.into(),
            position: reply.position.unwrap_or(known),
            history,
            stale_at: started.after(holds),
        }))
    }
}

impl Answer {
    /// For how long it may be used. Not shorter than a question is worth: near a date it is asked once a second.
    fn holds(&self) -> Duration {
        self.valid_for
            .map_or(UNSAID, |seconds| Duration::from_secs(seconds).max(SHORTEST))
    }
}

impl Asked<'_> {
    /// Whatever the answer depends on, apart from time.
    #[must_use]
    pub fn key(self) -> TokenDigest {
        let mut hash = Sha256::new();
        hash.update(self.credential.digest());
        let address = self.address.to_canonical().to_string();
        for part in [self.action, self.resource, &address, self.host, self.method] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

impl Ruled {
    /// Whether it says nothing of the policies, only that the token is dead.
    #[must_use]
    pub fn is_of_dead_token(&self) -> bool {
        !self.allowed && self.missing.is_none() && &*self.reason == "inactive"
    }
}
