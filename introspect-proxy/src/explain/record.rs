//! One refusal as it was seen, with what was known then.
//! It refuses to put anything into words: that is done when somebody asks.

use crate::bearer;
use crate::core::Core;
use crate::facts::Facts;
use crate::rate_limit::{LimitLine, Standing, bucket};
use crate::refusal::Refusal;
use crate::respond::Names;
use crate::routes::{Policy, Route};
use http::{HeaderMap, Method};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// A refusal that just happened.
pub struct Sighting<'a> {
    /// Its names.
    pub names: Names<'a>,
    /// Lower-case host name, empty when there is none.
    pub host: &'a str,
    /// Normalised path, empty when there is none.
    pub path: &'a str,
    /// The method.
    pub method: &'a Method,
    /// The headers, for the credential.
    pub headers: &'a HeaderMap,
    /// The client's address.
    pub address: IpAddr,
    /// The route, when one matched.
    pub route: Option<&'a Arc<Route>>,
    /// What was demanded without a route.
    pub policy: Option<&'a Policy>,
    /// The reason.
    pub refusal: &'a Refusal,
    /// What the limits said.
    pub standing: Option<&'a Standing>,
    /// Let through all the same.
    pub observed: bool,
}

/// A refusal that is kept.
pub struct Record {
    /// `dec_…`
    pub id: Box<str>,
    /// `req_…`, or what the client called it.
    pub request_id: Box<str>,
    /// When, in milliseconds since the epoch.
    pub at: u64,
    /// Let through all the same.
    pub observed: bool,
    /// The method.
    pub method: Method,
    /// Host name.
    pub host: Box<str>,
    /// Masked path.
    pub path: Box<str>,
    /// The network of the client, as limits count it.
    pub address: IpAddr,
    /// The route as it was.
    pub route: Option<Arc<Route>>,
    /// What was demanded without a route.
    pub policy: Option<Box<Policy>>,
    /// The reason.
    pub refusal: Refusal,
    /// First bytes of the SHA-256 of the credential.
    pub digest: Option<[u8; 6]>,
    /// What the credential looked like.
    pub kind: Option<bearer::Kind>,
    /// What was known of it.
    pub facts: Option<Arc<Facts>>,
    /// For how long.
    pub facts_age: Duration,
    /// Position of the revocation log.
    pub position: u64,
    /// What was left of the lease.
    pub lease_left: Duration,
    /// The exhausted limit.
    pub limit: Option<LimitLine>,
}

/// Keeps a refusal, unless too many of its kind were kept this second; one on an observing route is always counted.
pub fn note(core: &Core, sighting: &Sighting<'_>) {
    let at = core.clock.unix_millis();
    let route = sighting.route.map_or(usize::MAX, |route| route.index);
    let code = sighting.refusal.form().code;
    let has_room = core.decisions.has_room(route, code, at / 1000);
    if !has_room && !sighting.observed {
        return;
    }
    let record = record(core, sighting, at);
    if sighting.observed {
        core.observations.note(&record);
    }
    if has_room {
        core.decisions.keep(record);
    }
}

fn record(core: &Core, sighting: &Sighting<'_>, at: u64) -> Record {
    let now = core.clock.tick();
    let evaluator = &core.evaluator;
    let credential = bearer::extract(sighting.headers).ok();
    let digest = credential.map(|credential| credential.digest());
    let facts = digest.and_then(|digest| evaluator.cache.facts(&digest, now));
    let limits = sighting
        .standing
        .filter(|standing| standing.retry_after.is_some());
    let lease = evaluator.revocations.lease();
    Record {
        id: sighting.names.decision_id.into(),
        request_id: sighting.names.request_id.into(),
        at,
        observed: sighting.observed,
        method: sighting.method.clone(),
        host: sighting.host.into(),
        path: super::mask(sighting.path).into(),
        address: bucket(sighting.address),
        route: sighting.route.cloned(),
        policy: sighting.policy.cloned().map(Box::new),
        refusal: sighting.refusal.clone(),
        digest: digest.map(|[a, b, c, d, e, f, ..]| [a, b, c, d, e, f]),
        kind: credential.map(|credential| credential.kind()),
        facts_age: facts
            .as_ref()
            .map_or(Duration::ZERO, |facts| now.since(facts.read_at)),
        facts,
        position: evaluator.revocations.head(),
        lease_left: lease.ends_at().since(now),
        limit: limits.and_then(|standing| standing.nearest().copied()),
    }
}

impl Record {
    /// What was demanded.
    #[must_use]
    pub fn demanded(&self) -> Option<&Policy> {
        self.route
            .as_ref()
            .map(|route| &route.policy)
            .or(self.policy.as_deref())
    }

    /// The name of the route, empty without one.
    #[must_use]
    pub fn route_name(&self) -> &str {
        self.route.as_ref().map_or("", |route| &*route.name)
    }
}
