//! The configuration: `proxy.toml`, then `PROXY_SECTION__KEY` from the environment.
//! It refuses unknown keys and, in `check`, everything contradictory, all at once.

mod check;
mod decisions;
mod difference;
mod dpop;
mod load;
mod route;
mod secret;
mod server;
mod shape;
mod shared_limits;
mod span;
mod traces;
mod upstream;
mod usage;

pub use self::shared_limits::SharedLimits;
pub use check::problems;
pub use decisions::Decisions;
pub use difference::fixed_differences;
pub use dpop::Dpop;
pub use load::{ConfigError, load, parse};
pub use oauth::revocation_rule::LeaseLapse;
pub use route::{Classes, Identity, LongResponses, Match, Per, RateLimit, Require, Route, Sender, ToolList};
pub use secret::Secret;
pub use server::{
    Admin, AuthorizationServer, Cache, Check, ClientCertificates, Limits, Listener, Log, LogFormat,
    Revocations, Runtime, Tls,
};
pub use span::{Rate, Span};
pub use traces::Traces;
pub use upstream::{
    Address, Balance, Breaker, HealthCheck, Protocol, Timeouts, Upstream, UpstreamTls, UpstreamTlsOptions,
    WeightedAddress,
};
pub use usage::{Counted, CustomMeter, Meter, Usage, When};

use serde::{Deserialize, Serialize};

/// The whole configuration of one proxy.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Who decides about tokens.
    pub authorization_server: AuthorizationServer,
    /// What is remembered about tokens, and for how long.
    #[serde(default)]
    pub cache: Cache,
    /// The revocation feed.
    #[serde(default)]
    pub revocations: Revocations,
    /// Proofs of possession.
    #[serde(default)]
    pub dpop: Dpop,
    /// Bounds on what a client may send or hold.
    #[serde(default)]
    pub limits: Limits,
    /// Rate limits counted together with other proxies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_limits: Option<SharedLimits>,
    /// Threads and shutdown.
    #[serde(default)]
    pub runtime: Runtime,
    /// Health, readiness and metrics.
    #[serde(default)]
    pub admin: Admin,
    /// The forward-auth endpoint.
    #[serde(default)]
    pub check: Check,
    /// What is remembered of refusals.
    #[serde(default)]
    pub decisions: Decisions,
    /// How use of metered routes is reported.
    #[serde(default)]
    pub usage: Usage,
    /// Logging.
    #[serde(default)]
    pub log: Log,
    /// Traces.
    #[serde(default)]
    pub traces: Traces,
    /// Where clients connect.
    #[serde(default)]
    pub listeners: Vec<Listener>,
    /// The services behind the proxy.
    #[serde(default)]
    pub upstreams: Vec<Upstream>,
    /// What is let through, first match wins.
    #[serde(default)]
    pub routes: Vec<Route>,
}
