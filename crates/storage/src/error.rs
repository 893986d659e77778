//! Why the database did not do what it was asked.
//! Says nothing about the meaning of the data; that is the caller's.

use crate::dialect;

/// A failure of storage, never of a rule.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The configuration names no database that can be used.
    #[error("database configuration: {0}")]
    Configuration(String),
    /// The database cannot be reached, is shutting down, or cannot write.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// Too many callers at once, or a lock that was not released in time.
    #[error("database busy")]
    Busy,
    /// A row with this key exists already.
    #[error("unique key violated")]
    UniqueViolation,
    /// A stored value is not what this program writes.
    #[error("corrupt row in {table}, column {column}, id {id}")]
    Corrupt {
        /// The table, empty when the reader of a single value cannot know it.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row, empty when unknown.
        id: String,
    },
    /// The write panicked and was rolled back.
    #[error("a write panicked and was rolled back")]
    Panicked,
    /// The write reported success although one of its statements had failed; it was rolled back.
    #[error("a write went on after a failed statement and was rolled back")]
    FailedStatement,
    /// The schema could not be brought up to date.
    #[error("migration failed: {0}")]
    Migration(String),
    /// Anything else that the driver reports.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl StorageError {
    /// A row that cannot be read back, for the `TryFrom` of an aggregate.
    pub fn corrupt(table: &'static str, column: &'static str, id: impl Into<String>) -> Self {
        Self::Corrupt {
            table,
            column,
            id: id.into(),
        }
    }

    /// Whether the same call may succeed a little later (503, not 500).
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Busy)
    }

    /// The same failure for another caller of shared work.
    pub fn share(&self) -> Self {
        match self {
            Self::Busy => Self::Busy,
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match error {
            E::PoolTimedOut => Self::Busy,
            E::PoolClosed | E::WorkerCrashed | E::Io(_) | E::Tls(_) => Self::Unavailable(error.to_string()),
            E::Configuration(reason) => Self::Configuration(reason.to_string()),
            E::Database(reported) => dialect::classify(reported),
            other => Self::Database(other),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for StorageError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Migration(error.to_string())
    }
}
