//! The `[[upstreams]]` tables.
//! It refuses meaning: these are words from a file, `upstream` makes instances of them.

use super::span::Span;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A service behind the proxy.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// Name that routes use.
    pub name: String,
    /// The instances: `host:port`, or `{ address = "host:port", weight = 3 }`. Every address of a name is one.
    pub addresses: Vec<Address>,
    /// How instances take turns.
    #[serde(default)]
    pub balance: Balance,
    /// How often names are looked up again.
    #[serde(default = "half_minute")]
    pub resolve_every: Span,
    /// Speak TLS, and verify the certificate for the host name: `true`, or a table with files.
    #[serde(default)]
    pub tls: UpstreamTls,
    /// What the instances speak.
    #[serde(default)]
    pub protocol: Protocol,
    /// Timeouts.
    #[serde(default)]
    pub timeouts: Timeouts,
    /// Active health check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health_check: Option<HealthCheck>,
    /// When an instance is left alone because requests to it fail.
    #[serde(default)]
    pub breaker: Breaker,
    /// Requests that one instance may have at once; more are answered 503 when all are full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_requests: Option<usize>,
    /// Further attempts after a failed connect, or after an idempotent request on a dead connection.
    #[serde(default = "one")]
    pub retries: usize,
    /// Retries in all, as a percentage of the requests; ten each second are always allowed.
    #[serde(default = "twenty")]
    pub retry_percent: u8,
}

/// What an upstream speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// HTTP/1.1.
    #[default]
    H1,
    /// HTTP/2 over TLS.
    H2,
    /// HTTP/2 in the clear, without asking first: what gRPC services without TLS speak.
    H2c,
}

/// Where an instance is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged, expecting = "`host:port`, or a table with `address` and `weight`")]
pub enum Address {
    /// With weight 1.
    Plain(String),
    /// With a weight.
    Weighted(WeightedAddress),
}

/// An address that gets more, or less, than others.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WeightedAddress {
    /// `host:port`.
    pub address: String,
    /// Its share, 0 to 100; 0 gets nothing.
    pub weight: u16,
}

impl Address {
    /// `host:port`.
    #[must_use]
    pub fn authority(&self) -> &str {
        match self {
            Self::Plain(address) => address,
            Self::Weighted(weighted) => &weighted.address,
        }
    }

    /// The host, without the brackets of an IPv6 address.
    #[must_use]
    pub fn host(&self) -> &str {
        let authority = self.authority();
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        host.trim_matches(['[', ']'])
    }

    /// Its share.
    #[must_use]
    pub const fn weight(&self) -> u16 {
        match self {
            Self::Plain(_) => 1,
            Self::Weighted(weighted) => weighted.weight,
        }
    }
}

/// How instances take turns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Balance {
    /// One after the other, by weight.
    #[default]
    RoundRobin,
    /// The one with fewer requests under way, of two that are looked at.
    LeastRequests,
}

/// TLS toward an upstream.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged, expecting = "true, false, or a table with the files")]
pub enum UpstreamTls {
    /// With the authorities of the system, or without TLS.
    Plain(bool),
    /// With these files.
    With(UpstreamTlsOptions),
}

/// The details of TLS toward an upstream.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamTlsOptions {
    /// Who may vouch for the service, PEM; those of the system when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The name in its certificate, when it is not the host of the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// What the proxy shows, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificate_file: Option<PathBuf>,
    /// The key of that, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_key_file: Option<PathBuf>,
}

impl UpstreamTlsOptions {
    /// The files it names, by their keys.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &PathBuf)> {
        let certificate = ("client_certificate_file", &self.client_certificate_file);
        let key = ("client_key_file", &self.client_key_file);
        let all = [("ca_file", &self.ca_file), certificate, key];
        all.into_iter()
            .filter_map(|(key, file)| Some((key, file.as_ref()?)))
    }
}

impl Default for UpstreamTls {
    fn default() -> Self {
        Self::Plain(false)
    }
}

impl UpstreamTls {
    /// Whether TLS is spoken.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        matches!(self, Self::Plain(true) | Self::With(_))
    }

    /// The details, where there are any.
    #[must_use]
    pub const fn options(&self) -> Option<&UpstreamTlsOptions> {
        match self {
            Self::Plain(_) => None,
            Self::With(options) => Some(options),
        }
    }

    /// The name to be verified, when it is not the host.
    #[must_use]
    pub fn server_name(&self) -> Option<&str> {
        self.options()?.server_name.as_deref()
    }
}

/// Timeouts toward an upstream.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Timeouts {
    /// Connecting, TLS included.
    pub connect: Span,
    /// Between two reads.
    pub read: Span,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Span::seconds(1),
            read: Span::seconds(30),
        }
    }
}

/// Active health check of an upstream.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HealthCheck {
    /// Path that answers 2xx when the instance is well.
    pub path: String,
    /// Time between two checks.
    #[serde(default = "five_seconds")]
    pub interval: Span,
    /// How long an answer may take.
    #[serde(default = "one_second")]
    pub timeout: Span,
    /// Good answers in a row that make an instance well again.
    #[serde(default = "two")]
    pub healthy: u32,
    /// Bad ones in a row that make it unwell.
    #[serde(default = "two")]
    pub unhealthy: u32,
}

/// When an instance is left alone.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Breaker {
    /// Failed requests in a row; 0 turns it off.
    pub failures: u32,
    /// For how long at first; twice as long after each failed trial, up to 32 times.
    pub pause: Span,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            failures: 5,
            pause: Span::seconds(1),
        }
    }
}

const fn five_seconds() -> Span {
    Span::seconds(5)
}

const fn one_second() -> Span {
    Span::seconds(1)
}

const fn half_minute() -> Span {
    Span::seconds(30)
}

const fn one() -> usize {
    1
}

const fn two() -> u32 {
    2
}

const fn twenty() -> u8 {
    20
}
