//! What must go on holding of an exchange that lasts: that policies allow it, and that the account's plan gives it.
//! It refuses to go on with a ruling that was overtaken, and to take silence for a ruling.

use super::Ended;
use crate::bearer::{Credential, TokenDigest};
use crate::config::Counted;
use crate::core::Core;
use crate::entitlement::{self, Ruling, Unruled};
use crate::facts::Facts;
use crate::permission::{self, Ruled, Source};
use crate::routes::Route;
use crate::usage::Cell;
use arc_swap::ArcSwapOption;
use http::Method;
use std::net::IpAddr;
use std::sync::Arc;

/// The demands of a route, filled from the request that opened the exchange.
pub struct Demands {
    permission: Option<Permission>,
    plan: Option<Plan>,
}

struct Permission {
    action: String,
    resource: String,
    host: Box<str>,
    method: Method,
    said: ArcSwapOption<Ruled>,
}

struct Plan {
    feature: Arc<str>,
    account: Box<str>,
    /// It was counted when it was opened, so it needs no more of it.
    counted: bool,
    /// Where its bytes are counted as use of this.
    cell: Option<Arc<Cell>>,
    said: ArcSwapOption<Ruling>,
}

/// What was said last, against what came since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    /// It holds.
    Young,
    /// Nothing was said yet, or so long ago that it must be asked for anew.
    Old,
    /// The log has spoken since.
    Overtaken,
}

/// What comes of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The exchange may go on.
    Holds,
    /// It may not.
    Against(Ended),
    /// Nobody answered.
    Silent,
}

/// Who asks.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    /// The credential.
    pub credential: Credential<'a>,
    /// What is known of it.
    pub facts: &'a Facts,
    /// From where it was presented.
    pub address: IpAddr,
}

/// By what the same question is known.
pub type Asked = (Option<TokenDigest>, Option<Box<str>>);

impl Demands {
    /// What a route demands of a request with these facts; nothing when it demands neither, or only watches.
    ///
    /// # Errors
    /// A part of the request is ambiguous.
    pub fn of(
        core: &Core,
        route: &Route,
        source: Source<'_>,
        facts: &Facts,
    ) -> Result<Option<Self>, Ambiguous> {
        let policy = &route.policy;
        if route.observe || (policy.permission.is_none() && policy.entitlement.is_none()) {
            return Ok(None);
        }
        let permission = match &policy.permission {
            Some(demanded) => {
                let (action, resource) = demanded.fill(source).ok_or(Ambiguous)?;
                Some(Permission {
                    action,
                    resource,
                    host: source.host.into(),
                    method: source.method.clone(),
                    said: ArcSwapOption::empty(),
                })
            }
            None => None,
        };
        let plan = match (&policy.entitlement, facts.keys().account_id) {
            (Some(feature), Some(account)) => Some(Plan::of(core, route, feature, account)),
            (Some(_), None) => return Err(Ambiguous),
            (None, _) => None,
        };
        Ok(Some(Self { permission, plan }))
    }

    /// How what was said stands to what is known now.
    pub fn age(&self, core: &Core, facts: &Facts) -> Age {
        let permission = self.permission.as_ref();
        let permission = permission.map_or(Age::Young, |permission| permission.age(core, facts));
        let plan = self.plan.as_ref().map_or(Age::Young, |plan| plan.age(core));
        permission.max(plan)
    }

    /// What is asked; whoever asks the same gets the same answer.
    pub fn asked(&self, asker: Asker<'_>) -> Asked {
        let permission = self.permission.as_ref();
        (
            permission.map(|permission| permission.asked(asker).key()),
            self.plan.as_ref().map(|plan| plan.account.clone()),
        )
    }

    /// Asks what is not known; `relies`: whether what is known may be used now.
    pub async fn rule(&self, core: &Core, asker: Asker<'_>, relies: bool) -> Verdict {
        if let Some(permission) = &self.permission {
            let verdict = permission.rule(core, asker, relies).await;
            if verdict != Verdict::Holds {
                return verdict;
            }
        }
        match &self.plan {
            Some(plan) => plan.rule(core, asker, relies).await,
            None => Verdict::Holds,
        }
    }

    /// Takes over what was said to somebody who asked the same.
    pub fn adopt(&self, other: &Self) {
        if let (Some(own), Some(other)) = (&self.permission, &other.permission) {
            own.said.store(other.said.load_full());
        }
        if let (Some(own), Some(other)) = (&self.plan, &other.plan) {
            own.said.store(other.said.load_full());
        }
    }
}

/// The request that was let in could not be let in like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ambiguous;

impl Permission {
    fn age(&self, core: &Core, facts: &Facts) -> Age {
        match &*self.said.load() {
            None => Age::Old,
            Some(ruled) if core.evaluator.rulings.is_overtaken(ruled, facts) => Age::Overtaken,
            Some(ruled) if core.clock.tick() >= ruled.stale_at => Age::Old,
            Some(_) => Age::Young,
        }
    }

    fn asked<'a>(&'a self, asker: Asker<'a>) -> permission::Asked<'a> {
        permission::Asked {
            credential: asker.credential,
            facts: asker.facts,
            action: &self.action,
            resource: &self.resource,
            address: asker.address,
            host: &self.host,
            method: self.method.as_str(),
        }
    }

    async fn rule(&self, core: &Core, asker: Asker<'_>, relies: bool) -> Verdict {
        let Ok(ruled) = core.evaluator.rulings.rule(self.asked(asker), relies).await else {
            return Verdict::Silent;
        };
        let verdict = if ruled.allowed {
            Verdict::Holds
        } else if ruled.is_of_dead_token() {
            Verdict::Against(Ended::NotPermitted)
        } else {
            Verdict::Against(Ended::Forbidden)
        };
        self.said.store(Some(ruled));
        verdict
    }
}

impl Plan {
    fn of(core: &Core, route: &Route, feature: &Arc<str>, account: &str) -> Self {
        let meter = route.meter.as_ref().filter(|meter| meter.metric == *feature);
        let counted = meter.is_some_and(|meter| meter.count == Counted::Requests);
        let cell = meter.filter(|_| !counted);
        Self {
            feature: Arc::clone(feature),
            account: account.into(),
            counted,
            cell: cell.and_then(|meter| core.usage.cells.find(account, &meter.metric)),
            said: ArcSwapOption::empty(),
        }
    }

    fn age(&self, core: &Core) -> Age {
        match &*self.said.load() {
            None => Age::Old,
            Some(ruling) if core.entitlements.is_overtaken(ruling, &self.account) => Age::Overtaken,
            Some(ruling) if core.clock.tick() >= ruling.stale_at || self.is_spent(ruling) => Age::Old,
            Some(_) => Age::Young,
        }
    }

    async fn rule(&self, core: &Core, asker: Asker<'_>, relies: bool) -> Verdict {
        // As for whoever comes: nothing known is used beyond the lease where it is about money.
        let relies = relies && core.evaluator.revocations.lease().is_fresh(core.clock.tick());
        let asked = entitlement::Asked {
            credential: asker.credential,
            facts: asker.facts,
            account: &self.account,
            feature: &self.feature,
            address: asker.address,
        };
        let spent = self.said.load_full().filter(|ruling| self.is_spent(ruling));
        let answer = match spent {
            Some(spent) => {
                let news = core.entitlements.again(asked, &spent, relies).await;
                news.map(|news| news.unwrap_or(spent))
            }
            None => core.entitlements.rule(asked, relies).await,
        };
        match answer {
            Ok(ruling) => {
                let verdict = self.verdict(&ruling);
                self.said.store(Some(ruling));
                verdict
            }
            Err(Unruled::Inactive) => Verdict::Against(Ended::NotPermitted),
            Err(Unruled::Unavailable(_)) => Verdict::Silent,
        }
    }

    fn verdict(&self, ruling: &Ruling) -> Verdict {
        let holds = if ruling.granted {
            !self.is_spent(ruling)
        } else {
            self.counted && ruling.told.is_used_up()
        };
        if holds {
            Verdict::Holds
        } else {
            Verdict::Against(Ended::Exceeded)
        }
    }

    /// Whether the bytes that passed are all that the ruling gave.
    fn is_spent(&self, ruling: &Ruling) -> bool {
        let (Some(cell), Some(ceiling)) = (&self.cell, ruling.ceiling) else {
            return false;
        };
        let same = ruling.cell.as_ref().is_none_or(|known| Arc::ptr_eq(known, cell));
        same && cell.taken() >= ceiling
    }
}
