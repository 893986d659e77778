//! The pages people sign in, register and set up by, through the router in this process.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says so"
)]

#[expect(dead_code, reason = "shared with other tests")]
#[path = "../app/mod.rs"]
mod app;

mod federation;
mod forgery;
mod login;
mod mail;
mod passkey;
mod register;
mod second_factor;
mod setup;
mod trusted;
