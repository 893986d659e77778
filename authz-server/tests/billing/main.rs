//! `/auth/billing`: what an account sees of its money and does with it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says so"
)]

#[path = "../app/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod app;

mod autopay;
mod books;
mod by_hand;
mod counter;
mod events;
mod gateway_faults;
mod invoices;
mod overtaken;
mod reconciliation;
mod refunds;
mod subscriptions;
mod topups;
mod world;
