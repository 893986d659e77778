//! The modules of the OpenID Foundation's suite for the core profiles, each a test of its name, with profile `oidc`.
//! A test asserts what the module demands of the server; the suite's warnings are demanded too.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says so"
)]

#[expect(dead_code, reason = "shared with other tests")]
#[path = "../app/mod.rs"]
mod app;
mod attacks;
mod basic;
mod certificates;
mod client_auth;
mod config;
mod documents;
mod dpop;
mod form_post;
mod logout;
mod modules;
mod register;
mod step_up;
mod suite;
