//! What an exchange hangs on: the facts of its credential, and how to judge that credential once more.
//! It refuses to outlive the exchange; with it the token is wiped.

use super::{Ended, Lasting};
use crate::bearer::Credential;
use crate::config::LeaseLapse;
use crate::core::Core;
use crate::decision::decide;
use crate::evaluate::Unknown;
use crate::facts::Facts;
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
}

impl Trust {
    /// As it is now; to be read before a credential is judged.
    #[must_use]
    pub fn now(core: &Core) -> Self {
        Self {
            losses: core.evaluator.keys.losses(),
            doubts: core.exchanges.doubts(),
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
    /// Until when an answer given during a lapse of the lease may be relied on.
    vouched_until: AtomicU64,
}

/// What a glance at a bond shows.
pub enum Glance {
    /// It holds.
    Holds,
    /// It is broken.
    Broken(Ended),
    /// The credential must be judged again.
    Doubtful,
}

impl Bond {
    /// A bond on facts that were found at `trust`, with the credential that was presented from `address`.
    #[must_use]
    pub fn new(facts: Arc<Facts>, credential: Credential<'_>, address: IpAddr, trust: Trust) -> Self {
        Self {
            facts: ArcSwap::new(facts),
            token: Zeroizing::new(credential.expose().to_owned()),
            address,
            losses: AtomicU64::new(trust.losses),
            doubts: AtomicU64::new(trust.doubts),
            vouched_until: AtomicU64::new(0),
        }
    }

    /// Judges without asking anybody.
    #[must_use]
    pub fn glance(&self, core: &Core, lapse: LeaseLapse) -> Glance {
        let facts = self.facts.load();
        if !core.evaluator.revocations.alive(&facts) {
            return Glance::Broken(Ended::Revoked);
        }
        if core.clock.unix_seconds() >= facts.expires_at {
            return Glance::Broken(Ended::Expired);
        }
        let trust = Trust::now(core);
        if trust != self.trust() {
            return Glance::Doubtful;
        }
        let now = core.clock.tick();
        if core.evaluator.revocations.lease().is_fresh(now) {
            return Glance::Holds;
        }
        match lapse {
            LeaseLapse::UntilExp => Glance::Holds,
            LeaseLapse::Refuse => Glance::Broken(Ended::LeaseLapsed),
            LeaseLapse::Introspect if now.0 < self.vouched_until.load(Ordering::Acquire) => Glance::Holds,
            LeaseLapse::Introspect => Glance::Doubtful,
        }
    }

    /// Judges the credential as if it were presented now.
    ///
    /// # Errors
    /// Why the exchange must end.
    pub async fn judge_again(&self, core: &Core, lasting: &Lasting) -> Result<(), Ended> {
        let trust = Trust::now(core);
        let asked = core.clock.tick();
        let credential = Credential::again(&self.token);
        // A lapse may be borne, but a log that lost its history says nothing at all: then the server is asked.
        let lapse = match lasting.route.on_lease_lapse {
            LeaseLapse::UntilExp => LeaseLapse::Introspect,
            rule => rule,
        };
        let facts = match core.evaluator.again(credential, lapse, self.address).await {
            Ok(facts) => facts,
            Err(Unknown::Invalid(_)) => return Err(Ended::NotPermitted),
            Err(Unknown::Unavailable(_) | Unknown::TooManyLookups(_)) => return Err(Ended::LeaseLapsed),
        };
        decide(&lasting.route.policy, &facts, core.clock.unix_seconds())
            .map_err(|_denial| Ended::NotPermitted)?;
        self.facts.store(facts);
        self.losses.store(trust.losses, Ordering::Release);
        self.doubts.store(trust.doubts, Ordering::Release);
        let lease = core.evaluator.revocations.lease();
        if !lease.is_fresh(asked) {
            // It was the server that answered.
            let vouched = asked.0.saturating_add(lease.ticks());
            self.vouched_until.store(vouched, Ordering::Release);
        }
        Ok(())
    }

    fn trust(&self) -> Trust {
        Trust {
            losses: self.losses.load(Ordering::Acquire),
            doubts: self.doubts.load(Ordering::Acquire),
        }
    }
}
