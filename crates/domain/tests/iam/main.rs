//! Who may do what within an account, each on SQLite and PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so")]

mod deletion;
mod houses;
mod policies;
mod reach;
mod rights;
mod simulation;
#[expect(dead_code, reason = "shared with other tests")]
#[path = "../people/world.rs"]
mod world;
