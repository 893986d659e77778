//! The instances of a service: which one is next, which ones are well.
//! It refuses to stop trying: when no instance is well, all are tried.

use crate::config;
use pingora::protocols::ALPN;
use pingora::upstreams::peer::{HttpPeer, HttpUpstreamRequestPolicy};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// One service.
pub struct Upstream {
    /// Its name.
    pub name: String,
    /// Further attempts after a failed connect.
    pub retries: usize,
    instances: Vec<Instance>,
    next: AtomicUsize,
    health: Option<config::HealthCheck>,
    tls: bool,
}

struct Instance {
    authority: String,
    peer: HttpPeer,
    well: AtomicBool,
}

/// All services by name.
pub type Upstreams = HashMap<Box<str>, Arc<Upstream>>;

/// Resolves every address of the configuration.
///
/// # Errors
/// A sentence for each address that does not resolve.
pub async fn resolve(settings: &[config::Upstream]) -> Result<Upstreams, Vec<String>> {
    let mut problems = Vec::new();
    let mut upstreams = Upstreams::new();
    for upstream in settings {
        let mut instances = Vec::new();
        for authority in &upstream.addresses {
            match tokio::net::lookup_host(authority)
                .await
                .map(|mut found| found.next())
            {
                Ok(Some(address)) => instances.push(instance(upstream, authority, address)),
                Ok(None) => problems.push(format!("upstreams.{}: {authority} has no address", upstream.name)),
                Err(reason) => problems.push(format!("upstreams.{}: {authority}: {reason}", upstream.name)),
            }
        }
        let compiled = Upstream {
            name: upstream.name.clone(),
            retries: upstream.retries,
            instances,
            next: AtomicUsize::new(0),
            health: upstream.health_check.clone(),
            tls: upstream.tls,
        };
        upstreams.insert(upstream.name.as_str().into(), Arc::new(compiled));
    }
    if problems.is_empty() {
        Ok(upstreams)
    } else {
        Err(problems)
    }
}

fn instance(upstream: &config::Upstream, authority: &str, address: SocketAddr) -> Instance {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let mut peer = HttpPeer::new(address, upstream.tls, host.trim_matches(['[', ']']).to_owned());
    peer.options.alpn = ALPN::H1;
    peer.options.connection_timeout = Some(upstream.timeouts.connect.0);
    peer.options.total_connection_timeout = Some(upstream.timeouts.connect.0);
    peer.options.read_timeout = Some(upstream.timeouts.read.0);
    peer.options.write_timeout = Some(upstream.timeouts.read.0);
    peer.options.idle_timeout = Some(Duration::from_secs(60));
    // A tunnel would outlive the revocation of the token that opened it, so none is opened.
    peer.options.http_upstream_request_policy = HttpUpstreamRequestPolicy::deny_upgrades();
    Instance {
        authority: authority.to_owned(),
        peer,
        well: AtomicBool::new(true),
    }
}

impl Upstream {
    /// The next instance, well ones first.
    #[must_use]
    pub fn pick(&self) -> Option<Box<HttpPeer>> {
        let count = self.instances.len();
        let start = if count > 1 {
            self.next.fetch_add(1, Ordering::Relaxed)
        } else {
            0
        };
        let turn = |offset: usize| &self.instances[(start + offset) % count];
        let well = (0..count)
            .map(turn)
            .find(|instance| instance.well.load(Ordering::Relaxed));
        let chosen = well.or_else(|| (count > 0).then(|| turn(0)))?;
        Some(Box::new(chosen.peer.clone()))
    }

    /// Checks the health of every instance, for as long as the task lives.
    pub async fn watch(self: Arc<Self>, http: reqwest::Client) {
        let Some(check) = &self.health else { return };
        loop {
            for instance in &self.instances {
                let scheme = if self.tls { "https" } else { "http" };
                let url = format!("{scheme}://{}{}", instance.authority, check.path);
                let answer = http.get(url).timeout(Duration::from_secs(1)).send().await;
                let well = answer.is_ok_and(|answer| answer.status().is_success());
                if instance.well.swap(well, Ordering::Relaxed) != well {
                    tracing::info!(
                        upstream = self.name,
                        instance = instance.authority,
                        well,
                        "health changed"
                    );
                }
            }
            tokio::time::sleep(check.interval.0).await;
        }
    }
}
