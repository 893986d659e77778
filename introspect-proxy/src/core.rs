//! What every worker shares: the evaluator, limits, counters, and the live configuration.
//! It refuses to be half-reloaded: routes, upstreams and their counters change together.

use crate::audit::Reports;
use crate::clock::Clock;
use crate::config::Config;
use crate::entitlement::Entitlements;
use crate::evaluate::Evaluator;
use crate::explain::{Decisions, Observations};
use crate::live_connections::LiveConnections;
use crate::measure::RouteMeasures;
use crate::metrics::{Metrics, State};
use crate::proof::Proofs;
use crate::rate_limit::RateLimiter;
use crate::request_id::RequestIds;
use crate::resource_metadata::ResourceDocuments;
use crate::routes::{Route, RouteTable};
use crate::trace::Tracing;
use crate::upstream::{Upstream, Upstreams};
use crate::usage::Usage;
use arc_swap::ArcSwap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Shared by all workers.
pub struct Core {
    /// Routes and upstreams as they are now.
    pub live: ArcSwap<Live>,
    /// Knows about tokens.
    pub evaluator: Evaluator,
    /// Proofs of possession.
    pub proofs: Proofs,
    /// Rate limits.
    pub limiter: Arc<RateLimiter>,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// What was refused lately.
    pub decisions: Decisions,
    /// What would have been refused.
    pub observations: Observations,
    /// Exchanges that outlive their check.
    pub exchanges: Arc<LiveConnections>,
    /// What is to be reported to the audit log.
    pub reports: Reports,
    /// What accounts are entitled to.
    pub entitlements: Entitlements,
    /// What they use.
    pub usage: Arc<Usage>,
    /// Names of requests.
    pub ids: RequestIds,
    /// Time.
    pub clock: Clock,
    /// Where spans go, when anywhere.
    pub tracing: Option<Arc<Tracing>>,
    /// Write a line per request.
    pub access_log: bool,
    draining: AtomicBool,
}

/// The part of the configuration that changes while the proxy runs.
pub struct Live {
    /// Routes.
    pub routes: RouteTable,
    /// Services.
    pub upstreams: Upstreams,
    /// Path of the forward-auth endpoint.
    pub check_path: Box<str>,
    /// Metadata of the protected resources.
    pub documents: ResourceDocuments,
    /// The service of each route.
    services: Vec<Option<Arc<Upstream>>>,
    counters: Vec<Arc<RouteMeasures>>,
    unrouted: Arc<RouteMeasures>,
}

/// Why the proxy is not ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// It is shutting down.
    Draining,
    /// The key set was never fetched.
    NoKeys,
    /// The revocations were never fetched.
    NoRevocations,
}

impl NotReady {
    /// The name of the failed check.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draining => "draining",
            Self::NoKeys => "keys",
            Self::NoRevocations => "revocations",
        }
    }
}

impl Live {
    /// Puts the parts together and registers their counters.
    #[must_use]
    pub fn new(config: &Config, routes: RouteTable, upstreams: Upstreams, metrics: &Metrics) -> Self {
        let counters = routes
            .routes()
            .iter()
            .map(|route| metrics.route(&route.name))
            .collect();
        let service = |route: &Arc<Route>| upstreams.get(route.upstream.as_deref()?).cloned();
        let services = routes.routes().iter().map(service).collect();
        let documents = ResourceDocuments::new(config, &routes);
        Self {
            documents,
            routes,
            upstreams,
            check_path: config.check.path.as_str().into(),
            services,
            counters,
            unrouted: metrics.route(""),
        }
    }

    /// The service behind a route of this configuration.
    #[must_use]
    pub fn service(&self, route: &Route) -> Option<Arc<Upstream>> {
        self.services.get(route.index)?.clone()
    }

    /// What is measured of a route.
    #[must_use]
    pub fn counters(&self, route: Option<&Route>) -> &RouteMeasures {
        route
            .and_then(|route| self.counters.get(route.index))
            .unwrap_or(&self.unrouted)
    }
}

/// The parts of a [`Core`].
pub struct Parts {
    /// Routes and upstreams.
    pub live: Live,
    /// Knows about tokens.
    pub evaluator: Evaluator,
    /// Proofs of possession.
    pub proofs: Proofs,
    /// Rate limits.
    pub limiter: Arc<RateLimiter>,
    /// What accounts are entitled to.
    pub entitlements: Entitlements,
    /// What they use.
    pub usage: Arc<Usage>,
    /// Room for what was refused.
    pub decisions: Decisions,
    /// Where spans go, when anywhere.
    pub tracing: Option<Arc<Tracing>>,
    /// Write a line per request.
    pub access_log: bool,
}

impl Core {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts {
            live,
            evaluator,
            proofs,
            limiter,
            entitlements,
            usage,
            decisions,
            tracing,
            access_log,
        } = parts;
        Self {
            live: ArcSwap::from_pointee(live),
            metrics: Arc::clone(&evaluator.metrics),
            reports: Reports::new(evaluator.metrics.audit_lost.clone()),
            exchanges: Arc::new(LiveConnections::new(Arc::clone(&evaluator.metrics))),
            clock: evaluator.clock.clone(),
            evaluator,
            proofs,
            limiter,
            entitlements,
            usage,
            decisions,
            observations: Observations::default(),
            ids: RequestIds::default(),
            tracing,
            access_log,
            draining: AtomicBool::new(false),
        }
    }

    /// Says that no new work should come.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// A name for a decision made now.
    #[must_use]
    pub fn decision_id(&self) -> String {
        self.ids.decision(self.clock.unix_millis())
    }

    /// Whether requests can be judged.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn ready(&self) -> Result<(), NotReady> {
        if self.draining.load(Ordering::Acquire) {
            return Err(NotReady::Draining);
        }
        if !self.evaluator.keys.is_loaded() {
            return Err(NotReady::NoKeys);
        }
        if !self.evaluator.revocations.lease().has_begun() {
            return Err(NotReady::NoRevocations);
        }
        Ok(())
    }

    /// What is read for a scrape.
    #[must_use]
    pub fn state(&self) -> State {
        let revocations = &self.evaluator.revocations;
        let (lease, now) = (revocations.lease(), self.clock.tick());
        State {
            feed_position: revocations.head(),
            lease_fresh: lease.is_fresh(now),
            lease_left: lease.ends_at().since(now),
            feed_age: now.since(lease.renewed_at()),
            lapses: lease.lapses(),
            passed_over: self.decisions.passed_over(),
            marks: revocations.marks() as u64,
            cache_entries: self.evaluator.cache.len(),
            usage_waiting: self.usage.waiting(),
        }
    }
}
