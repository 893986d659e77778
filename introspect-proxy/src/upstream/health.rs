//! Active health checks: asks each instance for a path, and believes several answers in a row.
//! It refuses to check through a proxy or to follow redirects.

use super::Upstream;
use super::instance::Instance;
use crate::config::{HealthCheck, Protocol};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// Checks every instance for as long as the task lives.
pub async fn follow(upstream: &Upstream) {
    let Some(check) = &upstream.settings.health_check else {
        return;
    };
    let mut clients = HashMap::new();
    loop {
        let instances = upstream.instances();
        clients.retain(|address, _| instances.iter().any(|instance| instance.address == *address));
        let checks = instances.iter().map(|instance| {
            let client = clients
                .entry(instance.address)
                .or_insert_with(|| client(upstream, instance))
                .clone();
            one(upstream, check, Arc::clone(instance), client)
        });
        let checks: Vec<_> = checks.collect();
        futures::future::join_all(checks).await;
        tokio::time::sleep(check.interval.0).await;
    }
}

async fn one(
    upstream: &Upstream,
    check: &HealthCheck,
    instance: Arc<Instance>,
    client: Option<reqwest::Client>,
) {
    let Some(client) = client else { return };
    let answer = client
        .get(url(upstream, check, &instance))
        .timeout(check.timeout.0)
        .send()
        .await;
    let well = answer.is_ok_and(|answer| answer.status().is_success());
    let needed = if well { check.healthy } else { check.unhealthy };
    if instance.checked(well, needed) {
        tracing::info!(
            upstream = upstream.name,
            instance = instance.authority,
            address = %instance.address,
            well,
            "health changed"
        );
    }
}

/// The host as the certificate names it, so that TLS can be verified; the client knows where that is.
fn url(upstream: &Upstream, check: &HealthCheck, instance: &Instance) -> String {
    let scheme = if upstream.settings.tls.is_on() {
        "https"
    } else {
        "http"
    };
    let port = instance.address.port();
    format!("{scheme}://{}:{port}{}", host(upstream, instance), check.path)
}

fn host<'a>(upstream: &'a Upstream, instance: &'a Instance) -> &'a str {
    let configured = instance.authority.rsplit_once(':').map_or("", |(host, _)| host);
    upstream.settings.tls.server_name().unwrap_or(configured)
}

fn client(upstream: &Upstream, instance: &Instance) -> Option<reqwest::Client> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .resolve(
            host(upstream, instance),
            SocketAddr::new(instance.address.ip(), 0),
        );
    let builder = match upstream.settings.protocol {
        // Without TLS nothing is negotiated: what speaks only HTTP/2 is spoken to so from the start.
        Protocol::H2c => builder.http2_prior_knowledge(),
        Protocol::H1 | Protocol::H2 => builder,
    };
    let built = upstream
        .trust
        .apply(builder)
        .and_then(reqwest::ClientBuilder::build);
    match built {
        Ok(client) => Some(client),
        Err(error) => {
            tracing::error!(upstream = upstream.name, %error, "health checks cannot run");
            None
        }
    }
}
