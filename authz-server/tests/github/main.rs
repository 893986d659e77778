//! The console's doors to GitHub, against the stand-in: redirects, REST API and webhooks over HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says so"
)]

#[expect(dead_code, reason = "shared with other tests")]
#[path = "../app/mod.rs"]
mod app;

mod events;
mod faults;
mod installing;
mod ownership;
mod signing_in;
mod world;
