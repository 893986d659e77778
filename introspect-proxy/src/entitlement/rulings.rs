//! What the authorization server says an account is entitled to, remembered until the log speaks of the account.
//! It refuses to pass a request for which there is no answer, and to use an answer beyond what it leaves.

use super::question::{Asked, Bounds, Parts, Questions, Unruled};
use super::ruling::Ruling;
use futures::FutureExt;
use moka::Equivalent;
use moka::future::Cache;
use oauth::revocation_index::TokenKeys;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long a ruling that was asked for because nothing was left is not asked for anew.
const PAUSE: Duration = Duration::from_secs(1);

const CHANGING: Unruled = Unruled::Unavailable("what the account is entitled to is changing");

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
    questions: Questions,
    known: Cache<Key, Arc<Ruling>>,
}

impl Entitlements {
    /// Asks through `parts` within `bounds`.
    #[must_use]
    pub fn new(parts: Parts, bounds: Bounds) -> Self {
        let known = Cache::builder().max_capacity(bounds.entries);
        Self {
            known: known.time_to_live(bounds.ttl).build(),
            questions: Questions::new(parts, bounds),
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
        self.questions.parts.usage.measures.hits.increment(1);
        Some(known)
    }

    /// The ruling; `relies`: whether what becomes known may be used for others. Callers that ask the same share one call.
    ///
    /// # Errors
    /// No answer in time, none that is young enough, or a token that is dead.
    pub async fn rule(&self, asked: Asked<'_>, relies: bool) -> Result<Arc<Ruling>, Unruled> {
        if !relies {
            return self.questions.ask(asked).await;
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
                self.questions.ask(asked).await
            };
            match self.known.try_get_with_by_ref(&key, ask).await {
                Ok(found) if self.stands(&found, asked.account) => return Ok(found),
                Ok(_) => {}
                // Another caller's token is dead; that is no word about this one.
                Err(error) if *error == Unruled::Inactive && !own => return self.questions.ask(asked).await,
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
        let age = self.questions.parts.clock.tick().since(spent.read_at);
        if spent.renewed.load(Ordering::Relaxed) && age < PAUSE {
            return Ok(None);
        }
        // The answer is sound without it, but then it would not know of what was used here.
        let _all_told = self
            .questions
            .parts
            .usage
            .flush(self.questions.bounds.timeout)
            .await;
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

    /// Whether the log has spoken of the account since, or lost its history, so that the ruling says nothing any more.
    pub fn is_overtaken(&self, ruling: &Ruling, account: &str) -> bool {
        // What was ruled counts as old: every later word about the account makes it asked anew.
        let keys = TokenKeys {
            account_id: Some(account),
            ..TokenKeys::default()
        };
        let log = &self.questions.parts.revocations;
        ruling.history != log.histories_lost() || !log.silent_on(&keys, ruling.position, &ruling.cleared)
    }

    fn stands(&self, ruling: &Ruling, account: &str) -> bool {
        self.questions.parts.clock.tick() < ruling.stale_at && !self.is_overtaken(ruling, account)
    }
}
