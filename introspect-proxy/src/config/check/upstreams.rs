//! The instances of services: where they are, how they share the requests, and how they are reached.
//! Refuses pools that nothing could come out of.

use crate::config::{Config, Protocol, Upstream, UpstreamTlsOptions};
use std::collections::BTreeSet;
use std::time::Duration;

pub(super) fn judge(config: &Config, found: &mut Vec<String>) {
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
            if !is_authority(address.authority()) {
                found.push(format!(
                    "upstreams.{}.addresses: `{}` is not host:port, such as 127.0.0.1:9000",
                    upstream.name,
                    address.authority()
                ));
            }
        }
        pool(upstream, found);
        protocol(upstream, found);
        if upstream.retries > 5 {
            found.push(format!("upstreams.{}.retries: must be at most 5", upstream.name));
        }
    }
}

/// A host and a port: no scheme, no path.
fn is_authority(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let in_brackets = host.starts_with('[') && host.ends_with(']');
    let plain = !host.is_empty() && !host.contains(['/', ':', '@', ' ']);
    (plain || in_brackets) && port.parse::<u16>().is_ok()
}

fn protocol(upstream: &Upstream, found: &mut Vec<String>) {
    let needed = match upstream.protocol {
        Protocol::H1 => return,
        Protocol::H2 => true,
        Protocol::H2c => false,
    };
    if upstream.tls.is_on() != needed {
        found.push(format!(
            "upstreams.{}.protocol: `h2` needs tls, and `h2c` is HTTP/2 without it",
            upstream.name
        ));
    }
}

fn pool(upstream: &Upstream, found: &mut Vec<String>) {
    let mut wrong = |key: &str, why: &str| found.push(format!("upstreams.{}.{key}: {why}", upstream.name));
    if upstream.addresses.len() > 64 {
        wrong("addresses", "more than 64");
    }
    if upstream.addresses.iter().any(|address| address.weight() > 100) {
        wrong("addresses", "a weight must be at most 100");
    }
    if !upstream.addresses.is_empty() && upstream.addresses.iter().all(|address| address.weight() == 0) {
        wrong("addresses", "every weight is 0, so nothing would get a request");
    }
    if upstream.retry_percent > 100 {
        wrong("retry_percent", "must be at most 100");
    }
    if upstream.max_requests == Some(0) {
        wrong("max_requests", "must be at least 1");
    }
    if upstream.breaker.failures > 0 && upstream.breaker.pause.0 == Duration::ZERO {
        wrong("breaker.pause", "must be more than zero");
    }
    if let Some(check) = &upstream.health_check {
        if !check.path.starts_with('/') {
            wrong("health_check.path", "must begin with a slash");
        }
        if check.interval.0 == Duration::ZERO || check.timeout.0 == Duration::ZERO {
            wrong("health_check", "interval and timeout must be more than zero");
        }
        if check.healthy == 0 || check.unhealthy == 0 {
            wrong("health_check", "healthy and unhealthy must be at least 1");
        }
    }
    tls(upstream, found);
}

fn tls(upstream: &Upstream, found: &mut Vec<String>) {
    let mut wrong = |key: &str, why: &str| found.push(format!("upstreams.{}.{key}: {why}", upstream.name));
    let options = upstream.tls.options();
    for (key, file) in options.into_iter().flat_map(UpstreamTlsOptions::files) {
        if let Err(reason) = std::fs::metadata(file) {
            wrong(
                &format!("tls.{key}"),
                &format!("cannot read {}: {reason}", file.display()),
            );
        }
    }
    if let Some(options) = options
        && options.client_certificate_file.is_some() != options.client_key_file.is_some()
    {
        wrong(
            "tls",
            "client_certificate_file and client_key_file belong together",
        );
    }
}
