//! The cached key set of the authorization server, and local verification with it.
//! It refuses to fetch more than once in two seconds, and keeps the last good set when a fetch fails.

use crate::authority::{Authority, AuthorityError, document};
use crate::clock::{Clock, Tick};
use crate::facts::{Facts, Unusable};
use arc_swap::ArcSwapOption;
use jose::{Algorithm, KeySet, MAX_KEY_SET_BYTES, Policy, VerifyError};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

const MIN_INTERVAL: Duration = Duration::from_secs(2);
const FETCH_TIMEOUT: Duration = Duration::from_secs(2);
/// How far the server's clock may be ahead of ours.
pub const LEEWAY: i64 = 5;

/// The key set.
pub struct Keys {
    authority: Arc<Authority>,
    clock: Clock,
    set: ArcSwapOption<KeySet>,
    /// Counts the sets from which a key was taken away.
    losses: AtomicU64,
    last_fetch: Mutex<Option<Tick>>,
}

/// What a fetch changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// Nothing was taken away.
    Same,
    /// A key is gone: what it signed must be judged anew.
    KeysGone,
    /// It is too soon to fetch again.
    TooSoon,
}

/// Why a JWT tells no facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JwtError {
    /// Refused for good.
    Invalid(&'static str),
    /// Past its `exp`.
    Expired,
    /// Signed by a key that is not in the set.
    UnknownKey,
    /// There is no key set yet.
    NoKeys,
}

impl Keys {
    /// An empty set of `authority`.
    #[must_use]
    pub fn new(authority: Arc<Authority>, clock: Clock) -> Self {
        Self {
            authority,
            clock,
            set: ArcSwapOption::empty(),
            losses: AtomicU64::new(0),
            last_fetch: Mutex::new(None),
        }
    }

    /// How often a key was taken away; facts verified before the last time must be judged anew.
    #[must_use]
    pub fn losses(&self) -> u64 {
        self.losses.load(Ordering::Acquire)
    }

    /// Whether there is a set.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.set.load().is_some()
    }

    /// Whether this is the set of that name.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.set.load().as_ref().is_some_and(|set| set.name() == name)
    }

    /// Verifies an access token.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn verify(&self, token: &str) -> Result<Facts, JwtError> {
        let set = self.set.load();
        let set = set.as_ref().ok_or(JwtError::NoKeys)?;
        let claims = jose::verify(token, set, &self.policy(true)).map_err(|error| refusal(&error))?;
        Facts::from_claims(&claims).map_err(|Unusable(why)| JwtError::Invalid(why))
    }

    /// Whether this is the inside of an API key of ours: signed by a published key, not expired, saying of itself what it
    /// is. What the key may do, and whether it still stands, only the server knows.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn verify_inside(&self, jwt: &str) -> Result<(), JwtError> {
        let set = self.set.load();
        let set = set.as_ref().ok_or(JwtError::NoKeys)?;
        let claims = jose::verify(jwt, set, &self.policy(false)).map_err(|error| refusal(&error))?;
        let id = claims.text("jti");
        if id.is_some() && id == claims.text("key_id") {
            Ok(())
        } else {
            Err(JwtError::Invalid("the token is no API key"))
        }
    }

    /// What a JWT of our issuer must be; only API keys may be without an end.
    fn policy(&self, require_exp: bool) -> Policy<'_> {
        Policy {
            // RFC 9068 §4
            types: &["at+jwt"],
            algorithms: &Algorithm::ALL,
            issuer: Some(self.authority.issuer()),
            require_exp,
            leeway: LEEWAY,
            ..Policy::at(self.clock.unix_seconds())
        }
    }

    /// Fetches the set, unless that was done a moment ago. Whoever comes while a fetch runs waits for it.
    ///
    /// # Errors
    /// When the set cannot be had; the last good one stays.
    pub async fn fetch(&self) -> Result<Fetched, AuthorityError> {
        let mut last = self.last_fetch.lock().await;
        let now = self.clock.tick();
        if last.is_some_and(|last| now.since(last) < MIN_INTERVAL) {
            return Ok(Fetched::TooSoon);
        }
        *last = Some(now);
        let url = self.authority.endpoints()?.jwks.clone();
        let body = document(
            self.authority.get(url).timeout(FETCH_TIMEOUT).send().await?,
            MAX_KEY_SET_BYTES,
        )
        .await?;
        let set = KeySet::parse(&body).map_err(|error| AuthorityError::Malformed(error.to_string()))?;
        let gone = self.set.load().as_ref().is_some_and(|old| {
            let kept: BTreeSet<_> = set.kids().collect();
            old.kids().any(|kid| !kept.contains(kid))
        });
        self.set.store(Some(Arc::new(set)));
        if !gone {
            return Ok(Fetched::Same);
        }
        self.losses.fetch_add(1, Ordering::Release);
        Ok(Fetched::KeysGone)
    }
}

fn refusal(error: &VerifyError) -> JwtError {
    match error {
        VerifyError::UnknownKey { .. } => JwtError::UnknownKey,
        VerifyError::Expired => JwtError::Expired,
        VerifyError::Malformed => JwtError::Invalid("the token is malformed"),
        VerifyError::UnsupportedAlgorithm => JwtError::Invalid("the signature algorithm is not accepted"),
        VerifyError::BadSignature => JwtError::Invalid("the signature does not match"),
        VerifyError::WrongType => JwtError::Invalid("the token is not an access token"),
        VerifyError::InvalidClaim { .. } => JwtError::Invalid("a claim of the token is missing or malformed"),
        VerifyError::NotYetValid => JwtError::Invalid("the token is not valid yet"),
        VerifyError::WrongIssuer => JwtError::Invalid("the token is another issuer's"),
        VerifyError::WrongAudience => JwtError::Invalid("the token is meant for somebody else"),
    }
}
