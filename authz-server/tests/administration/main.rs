//! The administrators' console, through the router in this process.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says so"
)]

#[expect(dead_code, reason = "shared with other tests")]
#[path = "../app/mod.rs"]
mod app;

mod accounts;
mod clients;
mod gate;
mod hostile;
mod keys;
mod server_wide;
mod sessions;
mod users;
mod world;
