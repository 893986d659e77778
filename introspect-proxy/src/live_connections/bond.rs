//! What an exchange hangs on: the facts of its credential, and how to judge that credential once more.
//! It refuses to outlive the exchange; with it the token is wiped.

use super::again::{Question, Turn};
use super::demands::{Age, Asker, Demands, Verdict};
use super::{Ended, Lasting};
use crate::bearer::Credential;
use crate::config::LeaseLapse;
use crate::core::Core;
use crate::decision::decide;
use crate::evaluate::Unknown;
use crate::facts::Facts;
use crate::routes::Route;
use arc_swap::ArcSwap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use zeroize::Zeroizing;

/// How far what was known could be trusted when it was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Keys taken away so far.
    losses: u64,
    /// Histories lost so far.
    doubts: u64,
    /// Lapses of the lease that were over so far.
    lapses: u64,
}

impl Trust {
    /// As it is now; to be read before a credential is judged.
    #[must_use]
    pub fn now(core: &Core) -> Self {
        Self {
            losses: core.evaluator.keys.losses(),
            doubts: core.exchanges.doubts(),
            lapses: core.evaluator.revocations.lease().lapses(),
        }
    }
}

/// The bond of one exchange.
pub struct Bond {
    facts: ArcSwap<Facts>,
    token: Zeroizing<String>,
    address: IpAddr,
    losses: AtomicU64,
    doubts: AtomicU64,
    lapses: AtomicU64,
    /// Until when an answer given during a lapse of the lease may be relied on.
    vouched_until: AtomicU64,
    demands: Option<Demands>,
    /// When to rule again.
    pub(super) turn: Turn,
}

/// What a glance at a bond shows.
pub enum Glance {
    /// It holds.
    Holds,
    /// It is broken.
    Broken(Ended),
    /// The credential must be judged again.
    Doubtful,
    /// The credential holds, but what was said of it, of its account or of its rights is to be asked for anew.
    Overdue,
}

impl Bond {
    /// A bond on facts that were found at `trust`, with the credential that was presented from `address`, and on demands.
    #[must_use]
    pub fn new(
        facts: Arc<Facts>,
        credential: Credential<'_>,
        address: IpAddr,
        trust: Trust,
        demands: Option<Demands>,
    ) -> Self {
        Self {
            facts: ArcSwap::new(facts),
            token: Zeroizing::new(credential.expose().to_owned()),
            address,
            losses: AtomicU64::new(trust.losses),
            doubts: AtomicU64::new(trust.doubts),
            lapses: AtomicU64::new(trust.lapses),
            vouched_until: AtomicU64::new(0),
            demands,
            turn: Turn::default(),
        }
    }

    /// Judges without asking anybody.
    #[must_use]
    pub fn glance(&self, core: &Core, lapse: LeaseLapse) -> Glance {
        let facts = self.facts.load();
        let alive = core.evaluator.revocations.alive(&facts);
        // A word about a key or its owner does not end it: it may live on with other rights.
        if !alive && !facts.are_of_key() {
            return Glance::Broken(Ended::Revoked);
        }
        if core.clock.unix_seconds() >= facts.expires_at {
            return Glance::Broken(Ended::Expired);
        }
        if self.is_outdated(Trust::now(core), &facts) {
            return Glance::Doubtful;
        }
        let now = core.clock.tick();
        if !core.evaluator.revocations.lease().is_fresh(now) {
            match lapse {
                LeaseLapse::UntilExp => {}
                LeaseLapse::Refuse => return Glance::Broken(Ended::LeaseLapsed),
                LeaseLapse::Introspect if now.0 < self.vouched_until.load(Ordering::Acquire) => {}
                LeaseLapse::Introspect => return Glance::Doubtful,
            }
        }
        let age = if alive {
            self.age(core, &facts)
        } else {
            Age::Overtaken
        };
        if age > Age::Young && self.turn.has_come(now, age == Age::Overtaken) {
            Glance::Overdue
        } else {
            Glance::Holds
        }
    }

    /// Judges the credential, and what is demanded of it, as if it were presented now.
    ///
    /// # Errors
    /// Why the exchange must end.
    pub async fn judge_again(&self, core: &Core, lasting: &Lasting) -> Result<(), Ended> {
        // A lapse may be borne, but a log that lost its history says nothing at all: then the server is asked.
        let lapse = match lasting.route.on_lease_lapse {
            LeaseLapse::UntilExp => LeaseLapse::Introspect,
            rule => rule,
        };
        self.read_again(core, &lasting.route, lapse).await?;
        let fresh = core.evaluator.revocations.lease().is_fresh(core.clock.tick());
        match self.rule(core, lapse).await {
            Verdict::Against(reason) => Err(reason),
            Verdict::Silent if !fresh => Err(Ended::LeaseLapsed),
            // With a fresh lease it is asked again in its turn.
            Verdict::Holds | Verdict::Silent => Ok(()),
        }
    }

    /// Asks about what was overtaken or is old.
    pub(super) async fn rule_again(&self, core: &Core, route: &Route) -> Verdict {
        let lapse = route.on_lease_lapse;
        if self.is_overtaken(core) {
            match self.read_again(core, route, lapse).await {
                Ok(()) => {}
                Err(Ended::LeaseLapsed) => return Verdict::Silent,
                Err(reason) => return Verdict::Against(reason),
            }
        }
        self.rule(core, lapse).await
    }

    /// Whether the log has spoken of the API key since its facts were read.
    pub(super) fn is_overtaken(&self, core: &Core) -> bool {
        !core.evaluator.revocations.alive(&self.facts.load())
    }

    /// What is to be asked.
    pub(super) fn question(&self, core: &Core, route: &Arc<Route>) -> Question {
        let credential = Credential::again(&self.token);
        let facts = self.facts.load();
        let asker = self.asker(&facts);
        let demands = self.demands.as_ref();
        let (permission, account) = demands.map_or((None, None), |demands| demands.asked(asker));
        Question {
            route: Arc::as_ptr(route).addr(),
            key: self.is_overtaken(core).then(|| credential.digest()),
            permission,
            account,
        }
    }

    /// Takes over what another bond learnt that had the same question.
    pub(super) fn adopt(&self, other: &Self) {
        if *self.token == *other.token {
            self.facts.store(other.facts.load_full());
        }
        if let (Some(own), Some(other)) = (&self.demands, &other.demands) {
            own.adopt(other);
        }
    }

    fn age(&self, core: &Core, facts: &Facts) -> Age {
        let demands = self.demands.as_ref();
        demands.map_or(Age::Young, |demands| demands.age(core, facts))
    }

    fn asker<'a>(&'a self, facts: &'a Facts) -> Asker<'a> {
        Asker {
            credential: Credential::again(&self.token),
            facts,
            address: self.address,
        }
    }

    async fn rule(&self, core: &Core, lapse: LeaseLapse) -> Verdict {
        let Some(demands) = &self.demands else {
            return Verdict::Holds;
        };
        let Ok(relies) = core.evaluator.may_rely(lapse) else {
            return Verdict::Silent;
        };
        let facts = self.facts.load_full();
        demands.rule(core, self.asker(&facts), relies).await
    }

    async fn read_again(&self, core: &Core, route: &Route, lapse: LeaseLapse) -> Result<(), Ended> {
        let trust = Trust::now(core);
        let asked = core.clock.tick();
        let credential = Credential::again(&self.token);
        let facts = match core.evaluator.again(credential, lapse, self.address).await {
            Ok(facts) => facts,
            Err(Unknown::Invalid(_)) if self.is_overtaken(core) => return Err(Ended::Revoked),
            Err(Unknown::Invalid(_)) => return Err(Ended::NotPermitted),
            Err(Unknown::Unavailable(_) | Unknown::TooManyLookups(_)) => return Err(Ended::LeaseLapsed),
        };
        decide(&route.policy, &facts, core.clock.unix_seconds()).map_err(|_denial| Ended::Forbidden)?;
        self.facts.store(facts);
        self.losses.store(trust.losses, Ordering::Release);
        self.doubts.store(trust.doubts, Ordering::Release);
        self.lapses.store(trust.lapses, Ordering::Release);
        let lease = core.evaluator.revocations.lease();
        if !lease.is_fresh(asked) {
            // It was the server that answered.
            let vouched = asked.0.saturating_add(lease.ticks());
            self.vouched_until.store(vouched, Ordering::Release);
        }
        Ok(())
    }

    /// Whether something has happened since that no event tells of. An event is kept in the log for as long as tokens last; a
    /// key may last longer, and its end be forgotten before a proxy that was cut off hears the log again.
    fn is_outdated(&self, now: Trust, facts: &Facts) -> bool {
        now.losses != self.losses.load(Ordering::Acquire)
            || now.doubts != self.doubts.load(Ordering::Acquire)
            || (facts.are_of_key() && now.lapses != self.lapses.load(Ordering::Acquire))
    }
}
