//! Durable memory: the only crate that knows SQL, on SQLite or PostgreSQL through one code path.
//! It holds no rules; it stores what it is told, or reports why it could not.

mod batch;
mod config;
mod database;
mod dialect;
mod error;
mod link;
mod migration;
mod query;
mod readers;
mod row;
mod value;
mod work;

pub use config::DatabaseConfig;
pub use database::Database;
pub use dialect::Dialect;
pub use error::StorageError;
pub use migration::{MigrationReport, schema_fingerprint};
pub use query::{Query, Reader, Writer};
pub use row::Row;
pub use value::Value;
