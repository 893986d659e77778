//! Money and plans, each on SQLite and PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so")]

mod ledger;
mod licences;
mod recurring;
mod splits;
mod tax;
mod usage;
#[expect(dead_code, reason = "shared with other tests")]
#[path = "../people/world.rs"]
mod world;
