//! Drives the sandbox over HTTP, one test for each rule of Razorpay's that it keeps.
//! Talks to nothing but the loopback interface.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod checkout;
mod failures;
mod memory;
mod official;
mod program;
mod receiver;
mod stand;
mod steering;
mod webhooks;
