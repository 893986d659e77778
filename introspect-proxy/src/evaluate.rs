//! From a credential to facts that may be relied on now: cache, local verification, introspection, revocation.
//! It refuses to answer "invalid" when it merely could not find out.

use crate::bearer::{Credential, Kind, TokenDigest};
use crate::clock::{Clock, Tick};
use crate::config::LeaseLapse;
use crate::facts::Facts;
use crate::introspect::{Answer, Introspector};
use crate::keys::{Fetched, JwtError, Keys};
use crate::metrics::Metrics;
use crate::permission::Rulings;
use crate::rate_limit::{Lookups, Paid};
use crate::revocations::Revocations;
use crate::token_cache::TokenCache;
use oauth::revocation_rule::{Reliance, answer_stands, reliance};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Why there are no facts to rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The token is bad; the text says how.
    Invalid(&'static str),
    /// It could not be found out.
    Unavailable(&'static str),
    /// This address asked about too many unknown tokens.
    TooManyLookups(Duration),
}

/// Everything that knows something about tokens.
pub struct Evaluator {
    /// Facts and negatives.
    pub cache: Arc<TokenCache>,
    /// The key set.
    pub keys: Arc<Keys>,
    /// The authorization server.
    pub introspector: Arc<Introspector>,
    /// What policies allow.
    pub rulings: Rulings,
    /// The log.
    pub revocations: Arc<Revocations>,
    /// Budgets of unknown tokens.
    pub lookups: Lookups,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Time.
    pub clock: Clock,
}

const REVOKED: Unknown = Unknown::Invalid("the token was revoked");
const EXPIRED: Unknown = Unknown::Invalid("the token has expired");
const OUTDATED: Unknown = Unknown::Unavailable("what is known of the key is changing");
const TOO_LATE: Unknown = Unknown::Unavailable("the authorization server answered too late");
const NOT_ACTIVE: Unknown = Unknown::Invalid("the token is not active");

impl Evaluator {
    /// Facts about a credential presented from `address`, on a route with this lapse rule.
    ///
    /// # Errors
    /// Why there are none.
    pub async fn facts(
        &self,
        credential: Credential<'_>,
        lapse: LeaseLapse,
        address: IpAddr,
    ) -> Result<Arc<Facts>, Unknown> {
        let digest = credential.digest();
        let facts = match self.at_hand(&digest, credential, lapse) {
            Some(Ok(facts)) => facts,
            // Whatever else there is to say of it: nobody is asked about what nobody issued.
            _ if credential.kind() == Kind::Worthless => {
                return Err(Unknown::Invalid("the token is malformed"));
            }
            Some(Err(why)) => return Err(why),
            // Boxed: nearly every token is known, and no request should be as large as what asking takes.
            None => Box::pin(self.find_out(digest, credential, lapse, Some(address))).await?,
        };
        allowed_from(facts, address)
    }

    /// Facts about a credential that was accepted before and is still in use; nobody pays for the question.
    ///
    /// # Errors
    /// Why there are none.
    pub async fn again(
        &self,
        credential: Credential<'_>,
        lapse: LeaseLapse,
        address: IpAddr,
    ) -> Result<Arc<Facts>, Unknown> {
        let digest = credential.digest();
        let facts = match self.at_hand(&digest, credential, lapse) {
            Some(known) => known?,
            None => self.find_out(digest, credential, lapse, None).await?,
        };
        allowed_from(facts, address)
    }

    /// What can be said without asking anybody; `None` when somebody must be asked.
    fn at_hand(
        &self,
        digest: &TokenDigest,
        credential: Credential<'_>,
        lapse: LeaseLapse,
    ) -> Option<Result<Arc<Facts>, Unknown>> {
        let now = self.clock.tick();
        match self.may_rely_at(now, lapse) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(why) => return Some(Err(why)),
        }
        let known = self.remembered(digest, now)?;
        if let Ok(facts) = &known
            && self.cache.wants_refresh(facts, now)
        {
            self.refresh(digest, credential, facts);
        }
        Some(known)
    }

    fn refresh(&self, digest: &TokenDigest, credential: Credential<'_>, facts: &Arc<Facts>) {
        let still_kept = || {
            let kept = self.cache.facts(digest, self.clock.tick());
            kept.is_some_and(|kept| Arc::ptr_eq(&kept, facts))
        };
        self.introspector
            .refresh(*digest, credential.expose(), self.keep(None), still_kept);
    }

    async fn find_out(
        &self,
        digest: TokenDigest,
        credential: Credential<'_>,
        lapse: LeaseLapse,
        payer: Option<IpAddr>,
    ) -> Result<Arc<Facts>, Unknown> {
        if !self.may_rely(lapse)? {
            return self.ask(digest, credential, payer).await;
        }
        self.metrics.cache_miss();
        match credential.kind() {
            Kind::Jwt => self.verify(digest, credential, lapse, payer).await,
            Kind::Opaque | Kind::Worthless => self.ask(digest, credential, payer).await,
        }
    }

    /// Whether what is known may be used without asking.
    ///
    /// # Errors
    /// Neither may it be used, nor is there anybody to ask.
    pub fn may_rely(&self, lapse: LeaseLapse) -> Result<bool, Unknown> {
        self.may_rely_at(self.clock.tick(), lapse)
    }

    fn may_rely_at(&self, now: Tick, lapse: LeaseLapse) -> Result<bool, Unknown> {
        let ends_at = self.revocations.lease().ends_at();
        match reliance(ends_at.0, now.0, lapse) {
            Reliance::Known => Ok(true),
            Reliance::Asked => Ok(false),
            Reliance::Nothing => Err(Unknown::Unavailable("the revocation lease has lapsed")),
        }
    }

    fn remembered(&self, digest: &TokenDigest, now: Tick) -> Option<Result<Arc<Facts>, Unknown>> {
        if let Some(facts) = self.cache.facts(digest, now) {
            if facts.are_of_key() && !self.revocations.alive(&facts) {
                // Something happened to the key or its owner: it may live on with other rights.
                self.cache.forget(digest);
                return None;
            }
            self.metrics.cache_hit();
            return Some(self.judge(digest, facts));
        }
        if let Some(why) = self.cache.negative(digest, now) {
            self.metrics.negative_hit();
            return Some(Err(Unknown::Invalid(why)));
        }
        None
    }

    /// What must hold at each use: not revoked since, not expired.
    fn judge(&self, digest: &TokenDigest, facts: Arc<Facts>) -> Result<Arc<Facts>, Unknown> {
        if !self.revocations.alive(&facts) {
            if facts.are_of_key() {
                self.cache.forget(digest);
                return Err(OUTDATED);
            }
            self.cache
                .deny(*digest, "the token was revoked", self.clock.tick());
            return Err(REVOKED);
        }
        if self.clock.unix_seconds() >= facts.expires_at {
            self.cache.forget(digest);
            return Err(EXPIRED);
        }
        Ok(facts)
    }

    async fn verify(
        &self,
        digest: TokenDigest,
        credential: Credential<'_>,
        lapse: LeaseLapse,
        payer: Option<IpAddr>,
    ) -> Result<Arc<Facts>, Unknown> {
        let token = credential.expose();
        let mut losses = self.keys.losses();
        let mut verdict = self.keys.verify(token);
        if verdict.as_ref().err() == Some(&JwtError::UnknownKey) {
            self.refetch_keys().await?;
            if !self.may_rely(lapse)? {
                // The lease ended while the keys were on their way.
                return self.ask(digest, credential, payer).await;
            }
            losses = self.keys.losses();
            verdict = self.keys.verify(token);
        }
        match verdict {
            Ok(mut facts) => {
                facts.read_at = self.clock.tick();
                let facts = Arc::new(facts);
                self.cache.keep(digest, &facts);
                if self.keys.losses() != losses {
                    // A key went away meanwhile, perhaps this one: nothing verified before may stay.
                    self.cache.forget(&digest);
                    return Err(Unknown::Unavailable("the key set is changing"));
                }
                self.judge(&digest, facts)
            }
            Err(JwtError::Expired) => Err(EXPIRED),
            Err(JwtError::UnknownKey) => Err(Unknown::Invalid("the token is signed with an unknown key")),
            Err(JwtError::NoKeys) => Err(Unknown::Unavailable("the key set is not known yet")),
            Err(JwtError::Invalid(why)) => {
                self.cache.deny(digest, why, self.clock.tick());
                Err(Unknown::Invalid(why))
            }
        }
    }

    async fn refetch_keys(&self) -> Result<(), Unknown> {
        match self.keys.fetch().await {
            Ok(Fetched::KeysGone) => {
                self.cache.clear();
                Ok(())
            }
            Ok(Fetched::Same | Fetched::TooSoon) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, "fetching the key set failed");
                Err(Unknown::Unavailable("the key set could not be fetched"))
            }
        }
    }

    /// Whether an answer is young enough to be used, or the log vouches for it.
    fn stands(&self, facts: &Facts) -> bool {
        let lease = self.revocations.lease();
        let (length, ends_at) = (lease.ticks(), lease.ends_at().0);
        answer_stands(facts.read_at.0, length, ends_at, self.clock.tick().0)
    }

    async fn ask(
        &self,
        digest: TokenDigest,
        credential: Credential<'_>,
        payer: Option<IpAddr>,
    ) -> Result<Arc<Facts>, Unknown> {
        if let Some(jwt) = credential.signed_key() {
            self.recognise(digest, jwt).await?;
        }
        match self.ask_once(digest, credential, payer).await {
            Err(OUTDATED) => self.ask_once(digest, credential, payer).await,
            answer => answer,
        }
    }

    /// K02: nobody is asked about an API key that no published key has signed.
    async fn recognise(&self, digest: TokenDigest, jwt: &str) -> Result<(), Unknown> {
        let mut verdict = self.keys.verify_inside(jwt);
        if verdict == Err(JwtError::UnknownKey) {
            self.refetch_keys().await?;
            verdict = self.keys.verify_inside(jwt);
        }
        match verdict {
            Ok(()) => Ok(()),
            Err(JwtError::Expired) => Err(EXPIRED),
            Err(JwtError::UnknownKey) => Err(Unknown::Invalid("the API key is signed with an unknown key")),
            Err(JwtError::NoKeys) => Err(Unknown::Unavailable("the key set is not known yet")),
            Err(JwtError::Invalid(why)) => {
                self.cache.deny(digest, why, self.clock.tick());
                Err(Unknown::Invalid(why))
            }
        }
    }

    async fn ask_once(
        &self,
        digest: TokenDigest,
        credential: Credential<'_>,
        payer: Option<IpAddr>,
    ) -> Result<Arc<Facts>, Unknown> {
        let paid = match payer.filter(|_| !self.introspector.is_asking(&digest)) {
            None => None,
            Some(address) => {
                let paid = self.lookups.charge(address, self.clock.tick());
                Some(paid.map_err(Unknown::TooManyLookups)?)
            }
        };
        let keep = self.keep(paid);
        let recall = || self.recalled(&digest);
        let answer = self.introspector.ask(digest, credential.expose(), keep, recall);
        match answer.await {
            // The answer may be older than a revocation that came in meanwhile.
            Answer::Active(facts) => {
                let facts = self.judge(&digest, facts)?;
                if self.stands(&facts) {
                    Ok(facts)
                } else {
                    Err(TOO_LATE)
                }
            }
            Answer::Inactive => Err(NOT_ACTIVE),
            Answer::Unusable(why) => Err(Unknown::Invalid(why)),
            Answer::Unavailable => Err(Unknown::Unavailable("the authorization server does not answer")),
        }
    }

    /// What another caller's question has brought since this one looked: facts, or that there are none.
    fn recalled(&self, digest: &TokenDigest) -> Option<Answer> {
        let now = self.clock.tick();
        if !self.revocations.lease().is_fresh(now) {
            return None;
        }
        match self.cache.facts(digest, now) {
            Some(facts) => Some(Answer::Active(facts)),
            None => self.cache.negative(digest, now).map(Answer::Unusable),
        }
    }

    /// What happens to an answer, whoever still waits for it: facts and refusals are remembered, failures are not, nor what
    /// was read in a history that is lost by now.
    fn keep(&self, paid: Option<Paid>) -> impl FnOnce(TokenDigest, &Answer) + Send + use<> {
        let cache = Arc::clone(&self.cache);
        let clock = self.clock.clone();
        let revocations = Arc::clone(&self.revocations);
        let history = revocations.histories_lost();
        move |digest, answer| {
            let settle = match answer {
                Answer::Active(facts) => {
                    cache.keep(digest, facts);
                    if revocations.histories_lost() != history {
                        // Everything kept was dropped meanwhile, perhaps before this was.
                        cache.forget(&digest);
                    }
                    Paid::live
                }
                Answer::Inactive => {
                    cache.deny(digest, "the token is not active", clock.tick());
                    Paid::garbage
                }
                Answer::Unusable(why) => {
                    cache.deny(digest, why, clock.tick());
                    Paid::garbage
                }
                Answer::Unavailable => Paid::failed,
            };
            paid.into_iter().for_each(settle);
        }
    }
}

/// Judged at each use: facts do not depend on who asks.
fn allowed_from(facts: Arc<Facts>, address: IpAddr) -> Result<Arc<Facts>, Unknown> {
    if facts.allows(address) {
        Ok(facts)
    } else {
        Err(Unknown::Invalid("the key may not be used from this address"))
    }
}
