//! Drives the stand-in over HTTP, one test for each rule of GitHub that it keeps.
//! Talks to nothing but the loopback interface.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod app;
mod applications;
mod authorize;
mod control;
mod faults;
mod installing;
mod program;
mod refresh;
mod stand;
mod token;
mod user;
mod webhooks;
