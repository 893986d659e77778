//! OAuth's capabilities, each on SQLite and PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test that can't go on says so")]

mod api_keys;
mod authorize;
mod code;
mod endings;
mod feed;
mod introspection;
mod keys;
mod refresh;
mod replicas;
#[path = "../bench/shop.rs"]
mod shop;
#[expect(dead_code, reason = "shared with the tests about people")]
#[path = "../people/world.rs"]
mod world;
