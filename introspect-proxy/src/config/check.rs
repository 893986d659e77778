//! Finds everything in a configuration that cannot be meant, all of it at once.
//! It refuses to touch the network.

mod upstreams;

use super::{ClientCertificates, Config, Protocol};
use crate::path;
use crate::routes::RouteTable;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use url::Url;

/// What is shorter was not made by the authorization server.
pub(super) const SHORTEST_SECRET: usize = 16;

/// A sentence for each problem, beginning with the key.
#[must_use]
pub fn problems(config: &Config) -> Vec<String> {
    let mut found = Vec::new();
    server(config, &mut found);
    limits(config, &mut found);
    if let Some(shared) = &config.shared_limits {
        shared.problems(&mut found);
    }
    config.dpop.problems(config.shared_limits.is_some(), &mut found);
    config.usage.problems(&mut found);
    listeners(config, &mut found);
    upstreams::judge(config, &mut found);
    routes(config, &mut found);
    if let Err(reason) = crate::telemetry::filter(&config.log) {
        found.push(reason);
    }
    if !(0.0..=1.0).contains(&config.traces.ratio) {
        found.push("traces.ratio: must be between 0 and 1".to_owned());
    }
    found
}

fn server(config: &Config, found: &mut Vec<String>) {
    let server = &config.authorization_server;
    match Url::parse(&server.issuer) {
        Ok(url) => issuer(&url, found),
        Err(_) => found
            .push("authorization_server.issuer: must be a URL, such as https://auth.example.com".to_owned()),
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
        (Some(secret), None) if secret.expose().len() < SHORTEST_SECRET => {
            found.push(format!(
                "authorization_server.client_secret: has fewer than {SHORTEST_SECRET} characters"
            ));
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
    let mut places = BTreeMap::from([(config.admin.listen, "admin".to_owned())]);
    for listener in &config.listeners {
        let place = format!("listeners.{}", listener.name);
        // Port 0 is another one each time.
        if let Some(other) = places.insert(listener.listen, place)
            && listener.listen.port() != 0
        {
            found.push(format!(
                "listeners.{}.listen: {} is taken by {other}",
                listener.name, listener.listen
            ));
        }
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
        if listener.client_cert_header && listener.trusted_peers.is_empty() {
            found.push(format!(
                "listeners.{}.client_cert_header: needs trusted_peers, nobody else may send the header",
                listener.name
            ));
        }
        if let Some(tls) = &listener.tls {
            if tls.client_ca_file.is_some() && tls.client_certificates == ClientCertificates::None {
                found.push(format!(
                    "listeners.{}.tls.client_ca_file: of no use without client_certificates",
                    listener.name
                ));
            }
            for (key, file) in tls.files() {
                if let Err(reason) = std::fs::metadata(file) {
                    found.push(format!(
                        "listeners.{}.tls.{key}: cannot read {}: {reason}",
                        listener.name,
                        file.display()
                    ));
                }
            }
        }
    }
}

fn routes(config: &Config, found: &mut Vec<String>) {
    let mut names = BTreeSet::new();
    for route in &config.routes {
        if route.name.is_empty() || !names.insert(&route.name) {
            found.push(format!("routes.{}: needs a name of its own", route.name));
        }
        let behind = |upstream: &&super::Upstream| route.upstream.as_ref() == Some(&upstream.name);
        let h2c = |upstream: &super::Upstream| upstream.protocol == Protocol::H2c;
        if route.websocket && config.upstreams.iter().find(behind).is_some_and(h2c) {
            found.push(format!(
                "routes.{}.websocket: an upstream that speaks h2c takes no WebSockets",
                route.name
            ));
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
