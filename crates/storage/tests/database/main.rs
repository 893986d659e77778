//! What the database promises, on SQLite and on PostgreSQL.
//! Knows no aggregate; it works on a table of its own.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod contention;
mod durability;
mod probe;
mod recovery;
mod refusal;
mod sharing;
mod value;
