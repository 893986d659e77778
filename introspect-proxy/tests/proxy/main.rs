//! The whole proxy in this process, over real sockets, between two fakes.
//! It refuses fixed ports and sleeps.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it stands"
)]

mod configuration;
mod explain;
mod forecast;
mod http;
mod limits;
mod mcp;
mod observability;
mod measures;
mod proxy_protocol;
mod revocation;
mod smuggling;
mod step_up;
mod support;
mod tls;
mod tokens;
