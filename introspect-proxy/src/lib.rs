//! The enforcing proxy: lets a request through only with a live credential that may do this, this often.
//! It refuses to decide what it cannot find out; then the answer is 503.

pub mod admin;
pub mod admission;
pub mod audit;
pub mod authority;
pub mod bearer;
pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod core;
pub mod decision;
pub mod entitlement;
pub mod evaluate;
pub mod explain;
pub mod facts;
pub mod forwarded;
pub mod front_filter;
pub mod gateway;
pub mod handover;
pub mod host;
pub mod identity;
pub mod inquiry;
pub mod introspect;
pub mod keys;
pub mod live_connections;
pub mod mcp;
pub mod measure;
pub mod metrics;
pub mod path;
pub mod pattern;
pub mod permission;
pub mod proof;
pub mod rate_limit;
pub mod refusal;
pub mod request_id;
pub mod resource_metadata;
pub mod respond;
pub mod revocations;
pub mod routes;
pub mod serve;
pub mod shared_store;
pub mod telemetry;
pub mod token_cache;
pub mod trace;
pub mod upstream;
pub mod usage;

/// Chooses the cryptographic library of outgoing TLS connections, once per process.
pub fn install_crypto() {
    // An error means that it was chosen before.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
