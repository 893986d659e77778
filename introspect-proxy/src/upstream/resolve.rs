//! From configured names to instances, at the start and again while the proxy runs.
//! It refuses to lose instances because a name server is away: the last known ones stay.

use super::instance::Instance;
use super::retry_budget::RetryBudget;
use super::tls::Trust;
use super::{Pool, Upstream, Upstreams};
use crate::config;
use arc_swap::ArcSwap;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// Instances of one service.
const MAX_INSTANCES: usize = 256;

/// Resolves every address of the configuration.
///
/// # Errors
/// A sentence for each address that does not resolve and each file that cannot be used.
pub async fn compile(settings: &[config::Upstream]) -> Result<Upstreams, Vec<String>> {
    let mut problems = Vec::new();
    let mut upstreams = Upstreams::new();
    for upstream in settings {
        let named = |reason: String| format!("upstreams.{}: {reason}", upstream.name);
        let trust = Trust::read(&upstream.tls).unwrap_or_else(|reason| {
            problems.push(named(format!("tls: {reason}")));
            Trust::default()
        });
        let mut instances = Vec::new();
        for target in &upstream.addresses {
            match lookup(target).await {
                Ok(found) => instances.extend(
                    found
                        .into_iter()
                        .map(|address| Arc::new(Instance::new(upstream, target, address, &trust))),
                ),
                Err(reason) => problems.push(named(reason)),
            }
        }
        instances.truncate(MAX_INSTANCES);
        let compiled = Upstream {
            name: upstream.name.clone(),
            settings: upstream.clone(),
            trust,
            pool: ArcSwap::from_pointee(Pool::new(instances)),
            next: AtomicUsize::new(0),
            budget: RetryBudget::new(upstream.retry_percent),
        };
        upstreams.insert(upstream.name.as_str().into(), Arc::new(compiled));
    }
    if problems.is_empty() {
        Ok(upstreams)
    } else {
        Err(problems)
    }
}

async fn lookup(target: &config::Address) -> Result<BTreeSet<SocketAddr>, String> {
    let authority = target.authority();
    let found: BTreeSet<SocketAddr> = tokio::net::lookup_host(authority)
        .await
        .map_err(|reason| format!("{authority}: {reason}"))?
        .collect();
    if found.is_empty() {
        return Err(format!("{authority} has no address"));
    }
    // A name for both families of one host means one instance, as before: IPv4 where there is a choice.
    let only =
        |wanted: fn(&SocketAddr) -> bool| found.iter().copied().filter(wanted).collect::<BTreeSet<_>>();
    let fourth = only(SocketAddr::is_ipv4);
    Ok(if fourth.is_empty() { found } else { fourth })
}

/// Looks names up again for as long as the task lives; plain addresses need no looking up.
pub async fn follow(upstream: &Upstream) {
    let named = |target: &&config::Address| target.authority().parse::<SocketAddr>().is_err();
    if !upstream.settings.addresses.iter().any(|target| named(&target)) {
        return;
    }
    loop {
        tokio::time::sleep(upstream.settings.resolve_every.0).await;
        refresh(upstream).await;
    }
}

/// Looks every name up once; instances that stay keep their state.
async fn refresh(upstream: &Upstream) {
    let known = upstream.instances();
    let mut instances = Vec::new();
    for target in &upstream.settings.addresses {
        match lookup(target).await {
            Ok(found) => instances.extend(found.into_iter().map(|address| {
                let same =
                    |one: &&Arc<Instance>| one.authority == target.authority() && one.address == address;
                let fresh = || {
                    Arc::new(Instance::new(
                        &upstream.settings,
                        target,
                        address,
                        &upstream.trust,
                    ))
                };
                known.iter().find(same).map_or_else(fresh, Arc::clone)
            })),
            Err(reason) => {
                tracing::warn!(upstream = upstream.name, reason, "the last known instances stay");
                let last = known.iter().filter(|one| one.authority == target.authority());
                instances.extend(last.cloned());
            }
        }
    }
    instances.truncate(MAX_INSTANCES);
    let addresses = |of: &[Arc<Instance>]| of.iter().map(|one| one.address).collect::<Vec<_>>();
    if addresses(&known) != addresses(&instances) {
        tracing::info!(
            upstream = upstream.name,
            count = instances.len(),
            "instances changed"
        );
        upstream.pool.store(Arc::new(Pool::new(instances)));
    }
}
