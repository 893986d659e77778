//! Makes the parts of a proxy from its configuration.
//! It refuses parts that could not do what they were told.

use crate::authority::Authority;
use crate::clock::Clock;
use crate::config::Config;
use crate::core::{Core, Live, Parts};
use crate::entitlement::{self, Entitlements};
use crate::evaluate::Evaluator;
use crate::explain::Decisions;
use crate::front_filter::HeadLimits;
use crate::gateway::Bounds;
use crate::introspect::{self, Introspector};
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::permission::{self, Rulings};
use crate::proof::Proofs;
use crate::rate_limit::{Lookups, RateLimiter};
use crate::revocations::Revocations;
use crate::routes::RouteTable;
use crate::shared_store::{self, SharedStore};
use crate::token_cache::TokenCache;
use crate::trace;
use crate::upstream;
use crate::usage::Usage;
use std::sync::Arc;
use std::time::Duration;

/// Policies may speak of the time of day, and licences end by it: what is said of them does not hold for long.
const LONGEST_RULING: Duration = Duration::from_secs(10);

/// What a connection is bound by.
pub fn bounds(config: &Config) -> Bounds {
    let limits = &config.limits;
    Bounds {
        head: HeadLimits {
            bytes: limits.header_bytes,
            fields: limits.header_count,
            url: limits.url_bytes,
        },
        head_timeout: limits.header_timeout.0,
        idle_timeout: limits.idle_timeout.0,
    }
}

/// The cores of the machine.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Routes and upstreams of a configuration, all or nothing.
pub async fn live(config: &Config, metrics: &Metrics) -> Result<Live, Vec<String>> {
    let routes = RouteTable::compile(config)?;
    let upstreams = upstream::compile(&config.upstreams).await?;
    Ok(Live::new(config, routes, upstreams, metrics))
}

/// Everything that workers share.
pub async fn core(config: &Config, clock: Clock) -> Result<Core, String> {
    let metrics = Arc::new(Metrics::new());
    let live = live(config, &metrics)
        .await
        .map_err(|problems| problems.join("\n"))?;
    let (limiter, store) = limiter(config, &metrics)?;
    let evaluator = evaluator(config, clock, metrics)?;
    let usage = Arc::new(Usage::new(
        &config.usage,
        Arc::clone(&evaluator.metrics.usage),
        evaluator.clock.clone(),
    ));
    Ok(Core::new(Parts {
        entitlements: entitlements(config, &evaluator, &usage),
        usage,
        live,
        evaluator,
        proofs: Proofs::new(&config.dpop, store.filter(|_| config.dpop.shared))?,
        limiter: Arc::new(limiter),
        decisions: Decisions::new(config.decisions.keep, config.decisions.per_second),
        tracing: trace::start(&config.traces, tokio::runtime::Handle::current())?,
        access_log: config.log.access,
    }))
}

/// The limits, and the store that proxies share.
fn limiter(
    config: &Config,
    metrics: &Arc<Metrics>,
) -> Result<(RateLimiter, Option<Arc<SharedStore>>), String> {
    let Some(settings) = &config.shared_limits else {
        return Ok((RateLimiter::default(), None));
    };
    let shared = shared_store::prepare(settings, config.dpop.shared, metrics)?;
    let store = Arc::clone(shared.store());
    Ok((RateLimiter::new(Some(shared)), Some(store)))
}

fn entitlements(config: &Config, evaluator: &Evaluator, usage: &Arc<Usage>) -> Entitlements {
    let parts = entitlement::Parts {
        authority: Arc::clone(evaluator.introspector.authority()),
        revocations: Arc::clone(&evaluator.revocations),
        clock: evaluator.clock.clone(),
        usage: Arc::clone(usage),
    };
    let server = &config.authorization_server;
    let bounds = entitlement::Bounds {
        max_in_flight: server.max_in_flight,
        timeout: server.timeout.0,
        entries: config.cache.max_entries,
        ttl: config.cache.ttl.0.min(LONGEST_RULING),
    };
    Entitlements::new(parts, bounds)
}

fn evaluator(config: &Config, clock: Clock, metrics: Arc<Metrics>) -> Result<Evaluator, String> {
    let server = &config.authorization_server;
    let authority = Arc::new(Authority::new(server).map_err(|reason| reason.to_string())?);
    let revocations = Arc::new(Revocations::new(config.revocations.lease.0));
    let parts = introspect::Parts {
        authority: Arc::clone(&authority),
        revocations: Arc::clone(&revocations),
        clock: clock.clone(),
        metrics: Arc::clone(&metrics),
        runtime: tokio::runtime::Handle::current(),
    };
    let bounds = introspect::Bounds {
        max_in_flight: server.max_in_flight,
        timeout: server.timeout.0,
        ttl: config.cache.ttl.0,
    };
    let rulings = permission::Parts {
        authority: Arc::clone(&authority),
        revocations: Arc::clone(&revocations),
        clock: clock.clone(),
    };
    let ruled = permission::Bounds {
        max_in_flight: server.max_in_flight,
        timeout: server.timeout.0,
        entries: config.cache.max_entries,
        ttl: config.cache.ttl.0,
    };
    Ok(Evaluator {
        rulings: Rulings::new(rulings, ruled),
        cache: Arc::new(TokenCache::new(&config.cache)),
        keys: Arc::new(Keys::new(authority, clock.clone())),
        introspector: Arc::new(Introspector::new(parts, bounds)),
        revocations,
        lookups: Lookups::new(
            config.limits.lookups_per_address,
            config.limits.lookups_of_strangers,
        ),
        metrics,
        clock,
    })
}
