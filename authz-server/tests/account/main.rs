//! The account area, through the router in this process.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says so"
)]

#[expect(dead_code, reason = "shared with other tests")]
#[path = "../app/mod.rs"]
mod app;

mod applications;
mod area;
mod billing;
mod deletion;
mod devices;
mod email;
mod history;
mod keys;
mod picture;
mod profile;
mod sessions;
mod teams;
