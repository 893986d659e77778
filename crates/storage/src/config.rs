//! Where the database is and how much of it this process may use.
//! Never prints the address, because it may carry a password.

use std::fmt;
use std::time::Duration;

/// The settings of one [`crate::Database`].
#[derive(Clone)]
pub struct DatabaseConfig {
    /// `sqlite:path/to/file` or `postgres://…`.
    pub url: String,
    /// Connections for ordinary reads; on PostgreSQL as many again for writes.
    pub max_connections: u32,
    /// Further connections that only [`crate::Database::read_check`] hands out.
    pub check_connections: u32,
    /// SQLite only: how many writes may wait for the writer before new ones are refused.
    pub queue_capacity: usize,
    /// How long a caller waits for a connection before it is told that the database is busy.
    pub acquire_timeout: Duration,
    /// How long one write may take before it is rolled back.
    pub work_timeout: Duration,
}

impl DatabaseConfig {
    /// The default limits for the database at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 16,
            check_connections: 4,
            queue_capacity: 4096,
            acquire_timeout: Duration::from_millis(800),
            work_timeout: Duration::from_secs(10),
        }
    }
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseConfig")
            .field("scheme", &self.url.split(':').next())
            .field("max_connections", &self.max_connections)
            .field("check_connections", &self.check_connections)
            .finish_non_exhaustive()
    }
}
