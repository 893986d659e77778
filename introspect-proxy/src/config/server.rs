//! The sections of the configuration other than routes, with their defaults.
//! It refuses to check anything beyond the types; see `check`.

use super::secret::Secret;
use super::span::{Rate, Span};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The authorization server and our account there.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AuthorizationServer {
    /// The issuer; discovery finds its endpoints.
    pub issuer: String,
    /// Our client id.
    pub client_id: String,
    /// Our client secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<Secret>,
    /// A file with the client secret; read again when the server refuses the secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret_file: Option<PathBuf>,
    /// Deadline of one introspection, connecting included.
    #[serde(default = "half_second")]
    pub timeout: Span,
    /// Introspections at once; more are answered 503.
    #[serde(default = "max_in_flight")]
    pub max_in_flight: usize,
    /// How often the key set is fetched without cause.
    #[serde(default = "five_minutes")]
    pub keys_refresh: Span,
}

/// What is remembered about tokens.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cache {
    /// Facts about live tokens.
    pub max_entries: u64,
    /// Longest life of a fact, always cut at the token's `exp`.
    pub ttl: Span,
    /// Life of "this token is not active".
    pub negative_ttl: Span,
    /// How many of those.
    pub negative_entries: u64,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            max_entries: 100_000,
            ttl: Span::seconds(60),
            negative_ttl: Span::seconds(3),
            negative_entries: 10_000,
        }
    }
}

/// The revocation feed.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Revocations {
    /// How long what is known may be used after the feed was last asked.
    pub lease: Span,
}

impl Default for Revocations {
    fn default() -> Self {
        Self {
            lease: Span::seconds(5),
        }
    }
}

/// Bounds on what a client may send or hold.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of a request head.
    pub header_bytes: usize,
    /// Header fields.
    pub header_count: usize,
    /// Bytes of the request target.
    pub url_bytes: usize,
    /// From the first byte of a head to its last.
    pub header_timeout: Span,
    /// A kept-alive connection without a request.
    pub idle_timeout: Span,
    /// Open connections of one address (IPv6: of one /64).
    pub connections_per_address: usize,
    /// Open connections in all.
    pub connections: usize,
    /// Unknown tokens of one address that may cause a call to the authorization server.
    pub lookups_per_address: Rate,
    /// The same of all addresses together that brought no live token lately.
    pub lookups_of_strangers: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_bytes: 32 * 1024,
            header_count: 100,
            url_bytes: 8 * 1024,
            header_timeout: Span::seconds(10),
            idle_timeout: Span::seconds(60),
            connections_per_address: 4096,
            connections: 20_000,
            lookups_per_address: Rate {
                count: 5000,
                window: std::time::Duration::from_secs(1),
            },
            lookups_of_strangers: Rate {
                count: 1000,
                window: std::time::Duration::from_secs(1),
            },
        }
    }
}

/// Threads and shutdown.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Runtime {
    /// Worker threads; the number of cores when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<usize>,
    /// How long a shutdown waits for requests in flight.
    pub shutdown_grace: Span,
    /// A path for a socket through which a new process takes the listeners over; without it there is no
    /// upgrade without a pause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade_socket: Option<PathBuf>,
    /// How long, after a successor took over, a kept-alive connection may wait for the one request that is
    /// answered with `Connection: close`.
    pub farewell: Span,
}

impl Default for Runtime {
    fn default() -> Self {
        Self {
            threads: None,
            shutdown_grace: Span::seconds(30),
            upgrade_socket: None,
            farewell: Span::seconds(5),
        }
    }
}

/// Health, readiness and metrics.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Admin {
    /// Address of the admin listener.
    pub listen: SocketAddr,
}

impl Default for Admin {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 9091)),
        }
    }
}

/// The forward-auth endpoint on every listener.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Check {
    /// Its path.
    pub path: String,
}

impl Default for Check {
    fn default() -> Self {
        Self {
            path: "/check".to_owned(),
        }
    }
}

/// Logging.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// How lines look.
    pub format: LogFormat,
    /// Which lines are written, as in `info,introspect_proxy=debug`.
    pub filter: String,
    /// One line per request.
    pub access: bool,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Pretty,
            filter: "info".to_owned(),
            access: false,
        }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// For machines.
    Json,
}

/// One listening socket.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// Name in the port file and in logs.
    pub name: String,
    /// Address; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Certificate and key; plain HTTP when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// Networks whose `X-Forwarded-*` and `X-Original-*` headers, and PROXY headers, are believed.
    #[serde(default)]
    pub trusted_peers: Vec<ipnet::IpNet>,
    /// Trusted peers name the certificates of their clients in `Client-Cert` (RFC 9440).
    #[serde(default)]
    pub client_cert_header: bool,
    /// Every connection begins with a PROXY protocol header, version 1 or 2, of a trusted peer.
    #[serde(default)]
    pub proxy_protocol: bool,
}

/// Certificate and key of a listener, PEM.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Certificate chain.
    pub certificate_file: PathBuf,
    /// Private key.
    pub key_file: PathBuf,
    /// Whether clients are asked for certificates, to which tokens may be bound.
    #[serde(default)]
    pub client_certificates: ClientCertificates,
    /// Who must have signed them; anybody when left out, as for tokens bound to self-signed ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_ca_file: Option<PathBuf>,
}

impl Tls {
    /// The files it names, by their keys.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &PathBuf)> {
        let own = [
            ("certificate_file", &self.certificate_file),
            ("key_file", &self.key_file),
        ];
        let authorities = self.client_ca_file.as_ref();
        own.into_iter()
            .chain(authorities.map(|file| ("client_ca_file", file)))
    }
}

/// Whether clients are asked for certificates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientCertificates {
    /// They are not.
    #[default]
    None,
    /// They are, and may have none.
    Optional,
    /// Without one there is no connection.
    Required,
}

const fn half_second() -> Span {
    Span::millis(450)
}

const fn five_minutes() -> Span {
    Span::seconds(300)
}

const fn max_in_flight() -> usize {
    64
}
