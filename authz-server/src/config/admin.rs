//! `[admin]`: the operators' own listener.
//! Loopback unless the operator says otherwise; it has no authentication of its own.

use std::net::{Ipv4Addr, SocketAddr};

/// The operators' own listener: health, readiness and metrics.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AdminConfig {
    /// Address and port. Port 0 picks a free one. Keep it on an address that only operators reach.
    pub listen: SocketAddr,
}

impl Default for AdminConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9090)),
        }
    }
}
