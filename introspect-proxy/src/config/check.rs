//! Finds everything in a configuration that cannot be meant, all of it at once.
//! It refuses to touch the network.

use super::Config;
use crate::path;
use crate::routes::RouteTable;
use std::collections::BTreeSet;
use std::time::Duration;
use url::Url;

/// A sentence for each problem, beginning with the key.
#[must_use]
pub fn problems(config: &Config) -> Vec<String> {
    let mut found = Vec::new();
    server(config, &mut found);
    limits(config, &mut found);
    if let Some(shared) = &config.shared_limits {
        shared.problems(&mut found);
    }
    listeners(config, &mut found);
    upstreams(config, &mut found);
    routes(config, &mut found);
    found
}

fn server(config: &Config, found: &mut Vec<String>) {
    let server = &config.authorization_server;
    match Url::parse(&server.issuer) {
        Ok(url) => issuer(&url, found),
        Err(reason) => found.push(format!("authorization_server.issuer: {reason}")),
    }
    if server.client_id.is_empty() {
        found.push("authorization_server.client_id: must not be empty".to_owned());
    }
    match (&server.client_secret, &server.client_secret_file) {
        (None, None) => {
            found.push("authorization_server.client_secret: set it, or client_secret_file".to_owned());
        }
        (Some(_), Some(_)) => {
            found.push(
                "authorization_server: client_secret and client_secret_file contradict each other".to_owned(),
            );
        }
        (Some(secret), None) if secret.expose().len() < 16 => {
            found.push("authorization_server.client_secret: shorter than 16 characters".to_owned());
        }
        _ => {}
    }
    if server.max_in_flight == 0 {
        found.push("authorization_server.max_in_flight: must be at least 1".to_owned());
    }
}

fn issuer(url: &Url, found: &mut Vec<String>) {
    let loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        _ => found.push("authorization_server.issuer: must be https, or http on a loopback host".to_owned()),
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        found.push("authorization_server.issuer: must have no query, fragment or user".to_owned());
    }
}

fn limits(config: &Config, found: &mut Vec<String>) {
    let spans = [
        (
            "authorization_server.timeout",
            config.authorization_server.timeout,
        ),
        (
            "authorization_server.keys_refresh",
            config.authorization_server.keys_refresh,
        ),
        ("revocations.lease", config.revocations.lease),
        ("limits.header_timeout", config.limits.header_timeout),
        ("limits.idle_timeout", config.limits.idle_timeout),
    ];
    for (key, span) in spans {
        if span.0 == Duration::ZERO {
            found.push(format!("{key}: must be more than zero"));
        }
    }
    if config.cache.negative_ttl.0 > Duration::from_secs(5) {
        found.push("cache.negative_ttl: must be at most 5s".to_owned());
    }
    if config.limits.url_bytes > config.limits.header_bytes {
        found.push("limits.url_bytes: must not exceed limits.header_bytes".to_owned());
    }
    if config.runtime.threads == Some(0) {
        found.push("runtime.threads: must be at least 1".to_owned());
    }
    if path::normalize(&config.check.path).as_deref() != Ok(config.check.path.as_str()) {
        found.push("check.path: must be a plain absolute path".to_owned());
    }
}

fn listeners(config: &Config, found: &mut Vec<String>) {
    if config.listeners.is_empty() {
        found.push("listeners: at least one is needed".to_owned());
    }
    let mut names = BTreeSet::from(["admin"]);
    for listener in &config.listeners {
        if listener.name.is_empty() || listener.name.contains(['=', '\n']) || !names.insert(&listener.name) {
            found.push(format!(
                "listeners.{}: needs a name of its own, other than `admin`",
                listener.name
            ));
        }
        if listener.proxy_protocol && listener.trusted_peers.is_empty() {
            found.push(format!(
                "listeners.{}.proxy_protocol: needs trusted_peers, nobody else may send the header",
                listener.name
            ));
        }
        if let Some(tls) = &listener.tls {
            for file in [&tls.certificate_file, &tls.key_file] {
                if let Err(reason) = std::fs::metadata(file) {
                    found.push(format!(
                        "listeners.{}.tls: {}: {reason}",
                        listener.name,
                        file.display()
                    ));
                }
            }
        }
    }
}

fn upstreams(config: &Config, found: &mut Vec<String>) {
    let mut names = BTreeSet::new();
    for upstream in &config.upstreams {
        if upstream.name.is_empty() || !names.insert(&upstream.name) {
            found.push(format!("upstreams.{}: needs a name of its own", upstream.name));
        }
        if upstream.addresses.is_empty() {
            found.push(format!(
                "upstreams.{}.addresses: at least one is needed",
                upstream.name
            ));
        }
        for address in &upstream.addresses {
            let port = address
                .rsplit_once(':')
                .and_then(|(_, port)| port.parse::<u16>().ok());
            if port.is_none() {
                found.push(format!(
                    "upstreams.{}.addresses: `{address}` is not host:port",
                    upstream.name
                ));
            }
        }
        if upstream.retries > 5 {
            found.push(format!("upstreams.{}.retries: must be at most 5", upstream.name));
        }
    }
}

fn routes(config: &Config, found: &mut Vec<String>) {
    let mut names = BTreeSet::new();
    for route in &config.routes {
        if route.name.is_empty() || !names.insert(&route.name) {
            found.push(format!("routes.{}: needs a name of its own", route.name));
        }
        if let Some(upstream) = &route.upstream
            && !config.upstreams.iter().any(|known| known.name == *upstream)
        {
            found.push(format!(
                "routes.{}.upstream: there is no upstream `{upstream}`",
                route.name
            ));
        }
    }
    if let Err(problems) = RouteTable::compile(config) {
        found.extend(problems);
    }
}
