//! The whole proxy in this process, over real sockets, between two fakes.
//! It refuses fixed ports and sleeps.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails where it stands"
)]

mod answers;
mod api_keys;
mod audit;
mod backpressure;
mod certificates;
mod configuration;
mod dpop;
mod entitlement;
mod expectation;
mod explain;
mod feed_pages;
mod floods;
mod forecast;
mod grpc;
mod headers;
mod herd;
mod http;
mod judged_again;
mod key_limits;
mod limits;
mod lost_history;
mod mcp;
mod measures;
mod messages;
mod observability;
mod proxy_protocol;
mod revocation;
mod ruled_again;
mod shared_limits;
mod shared_proofs;
mod smuggling;
mod step_up;
mod streams;
mod support;
mod tls;
mod tls_websockets;
mod tokens;
mod tool_lists;
mod traces;
mod upstreams;
mod usage;
mod usage_of_streams;
mod usage_reload;
mod websockets;
