//! Everything that SQLite and PostgreSQL do differently: addresses, session settings, error codes.
//! Knows no table; statements are the same on both.

use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteError, SqliteJournalMode, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, PgPool};

use crate::readers::Source;
use crate::{DatabaseConfig, StorageError};

/// The version of SQLite that repaired a corruption of the write-ahead log.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);
const STATEMENTS_CACHED: usize = 256;
/// A connection to a server is tested after it has rested this long.
pub(crate) const IDLE_BEFORE_TEST: Duration = Duration::from_secs(1);

/// Which of the two databases this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// A file beside the program, for a single server.
    Sqlite,
    /// A server, for any number of replicas.
    Postgres,
}

impl Dialect {
    /// The dialect that the address names.
    pub(crate) fn of(url: &str) -> Result<Self, StorageError> {
        match url.split_once(':') {
            Some(("sqlite", _)) => Ok(Self::Sqlite),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres),
            _ => Err(StorageError::Configuration(
                "the url must begin with sqlite: or postgres:".to_owned(),
            )),
        }
    }
}

/// Options of the connection that writes; the readers' are derived from it.
pub(crate) fn sqlite_writer(url: &str) -> Result<SqliteConnectOptions, StorageError> {
    let options = SqliteConnectOptions::from_str(url)?;
    let name = options.get_filename().to_string_lossy();
    if name.is_empty() || name.starts_with(':') || name.starts_with("file:") || url.contains("mode=memory") {
        return Err(StorageError::Configuration(
            "SQLite needs a plain file, not memory".to_owned(),
        ));
    }
    Ok(options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("mmap_size", "0")
        .pragma("journal_size_limit", "67108864")
        .pragma("trusted_schema", "OFF")
        .statement_cache_capacity(STATEMENTS_CACHED)
        .disable_statement_logging())
}

/// Options of a connection that cannot write.
fn sqlite_reader(url: &str) -> Result<SqliteConnectOptions, StorageError> {
    Ok(SqliteConnectOptions::from_str(url)?
        .read_only(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("mmap_size", "0")
        .pragma("trusted_schema", "OFF")
        .pragma("query_only", "ON")
        .statement_cache_capacity(STATEMENTS_CACHED)
        .disable_statement_logging())
}

/// Creates the file, readable by its owner only, because SQLite would follow the umask.
pub(crate) fn create_sqlite_file(path: &Path) -> Result<(), StorageError> {
    let refused = |error: std::io::Error| {
        StorageError::Unavailable(format!("cannot create the database file: {error}"))
    };
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)
            .map_err(refused)?;
    }
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(refused(error)),
    }
}

/// Refuses a library that may corrupt its log.
pub(crate) async fn require_sound_sqlite(connection: &mut SqliteConnection) -> Result<(), StorageError> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(connection)
        .await?;
    if is_sound(&version) {
        return Ok(());
    }
    Err(StorageError::Configuration(format!(
        "SQLite {version} is older than 3.51.3 and may corrupt its log"
    )))
}

fn is_sound(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    match (
        parts.next().flatten(),
        parts.next().flatten(),
        parts.next().flatten(),
    ) {
        (Some(major), Some(minor), Some(patch)) => (major, minor, patch) >= OLDEST_SQLITE,
        _ => false,
    }
}

/// Session settings: nothing waits for ever, and only [`BEGIN_POSTGRES`] may write.
fn postgres(url: &str) -> Result<PgConnectOptions, StorageError> {
    Ok(PgConnectOptions::from_str(url)?
        .application_name("authz-server")
        .options([
            ("statement_timeout", "5000"),
            ("lock_timeout", "3000"),
            ("idle_in_transaction_session_timeout", "10000"),
            ("synchronous_commit", "on"),
            ("default_transaction_read_only", "on"),
        ])
        .statement_cache_capacity(STATEMENTS_CACHED)
        .disable_statement_logging())
}

/// Migrations may write and may take their time.
pub(crate) fn postgres_migration(url: &str) -> Result<PgConnectOptions, StorageError> {
    Ok(PgConnectOptions::from_str(url)?
        .application_name("authz-server migrate")
        .disable_statement_logging())
}

/// The pool of connections that write; they are tested only when they have rested.
pub(crate) fn postgres_writers(config: &DatabaseConfig) -> Result<PgPool, StorageError> {
    let pool = PgPoolOptions::new()
        .max_connections(config.max_connections.max(1))
        .acquire_timeout(config.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(|connection: &mut PgConnection, meta| {
            Box::pin(async move { Ok(meta.idle_for < IDLE_BEFORE_TEST || connection.ping().await.is_ok()) })
        })
        .connect_lazy_with(postgres(&config.url)?);
    Ok(pool)
}

/// Where PostgreSQL tells of committed revocations.
pub(crate) const CHANNEL: &str = "authz_revocations";
/// Told with the commit of the transaction, to everybody who listens.
pub(crate) const NOTIFY: &str = "NOTIFY authz_revocations";

/// For the one connection that listens.
pub(crate) fn postgres_listening(config: &DatabaseConfig) -> Result<PgPool, StorageError> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(config.acquire_timeout)
        .connect_lazy_with(postgres(&config.url)?);
    Ok(pool)
}

/// How to open a connection that cannot write.
pub(crate) fn source(config: &DatabaseConfig) -> Result<Source, StorageError> {
    match Dialect::of(&config.url)? {
        Dialect::Sqlite => sqlite_reader(&config.url).map(Source::Sqlite),
        Dialect::Postgres => postgres(&config.url).map(Source::Postgres),
    }
}

/// How many of them; in a file, more than one for each core would only get in each other's way.
pub(crate) fn readers(config: &DatabaseConfig) -> Result<usize, StorageError> {
    let cores = std::thread::available_parallelism().map_or(4, |cores| cores.get().max(4));
    let wanted = config.max_connections as usize;
    Ok(match Dialect::of(&config.url)? {
        Dialect::Sqlite => wanted.min(cores),
        Dialect::Postgres => wanted,
    })
}

/// The triggers of the schema that work.
pub(crate) const TRIGGERS_SQLITE: &str = "SELECT name FROM sqlite_master WHERE type = 'trigger'";
/// The same; `O` and `A` are those that are not switched off.
pub(crate) const TRIGGERS_POSTGRES: &str =
    "SELECT CAST(tgname AS TEXT) AS name FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')";

/// Takes the write lock at once, so that a later statement cannot fail for want of it.
pub(crate) const BEGIN_SQLITE: &str = "BEGIN IMMEDIATE";
/// Lifts the session's read-only default for one transaction.
pub(crate) const BEGIN_POSTGRES: &str = "BEGIN READ WRITE";

/// What a reported error means, by its code.
pub(crate) fn classify(error: Box<dyn DatabaseError>) -> StorageError {
    if error.is_unique_violation() {
        return StorageError::UniqueViolation;
    }
    let code = error.code().unwrap_or_default();
    let meaning = if error.try_downcast_ref::<SqliteError>().is_some() {
        sqlite_code(&code)
    } else {
        postgres_code(&code)
    };
    match meaning {
        Meaning::Busy => StorageError::Busy,
        Meaning::Unavailable => StorageError::Unavailable(error.message().to_owned()),
        Meaning::Other => StorageError::Database(sqlx::Error::Database(error)),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    Busy,
    Unavailable,
    Other,
}

fn sqlite_code(code: &str) -> Meaning {
    // The low byte is the primary result code: BUSY 5, LOCKED 6, READONLY 8, IOERR 10, FULL 13, CANTOPEN 14.
    match code.parse::<u32>().unwrap_or_default() & 0xff {
        5 | 6 => Meaning::Busy,
        8 | 10 | 13 | 14 => Meaning::Unavailable,
        _ => Meaning::Other,
    }
}

fn postgres_code(code: &str) -> Meaning {
    match code {
        // Serialization, deadlock, lock timeout, statement timeout, too many connections.
        "40001" | "40P01" | "55P03" | "57014" | "53300" => Meaning::Busy,
        // A standby is read-only; an idle transaction was ended.
        "25006" | "25P03" => Meaning::Unavailable,
        // Connection lost, out of disk or memory, shutting down or starting up.
        code if code.starts_with("08") || code.starts_with("53") || code.starts_with("57P") => {
            Meaning::Unavailable
        }
        _ => Meaning::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A11
    #[test]
    fn sqlite_before_the_log_repair_is_refused() {
        for (version, sound) in [
            ("3.51.2", false),
            ("3.51.3", true),
            ("3.52.0", true),
            ("4.0.0", true),
            ("3.46.1", false),
            ("3.51", false),
            ("", false),
        ] {
            assert_eq!(is_sound(version), sound, "{version}");
        }
    }

    #[test]
    fn addresses_without_a_file_or_a_known_scheme_are_refused() {
        for url in [
            "sqlite::memory:",
            "sqlite:",
            "sqlite://",
            "sqlite:a.db?mode=memory",
            "sqlite:file:x",
        ] {
            assert!(
                matches!(sqlite_writer(url), Err(StorageError::Configuration(_))),
                "{url}"
            );
        }
        for url in ["", "mysql://x", "data.db"] {
            assert!(Dialect::of(url).is_err(), "{url}");
        }
    }

    #[test]
    fn codes_tell_what_may_pass_from_what_will_not() {
        assert_eq!(sqlite_code("517"), Meaning::Busy);
        assert_eq!(sqlite_code("778"), Meaning::Unavailable);
        assert_eq!(sqlite_code("787"), Meaning::Other);
        assert_eq!(postgres_code("40P01"), Meaning::Busy);
        assert_eq!(postgres_code("57P01"), Meaning::Unavailable);
        assert_eq!(postgres_code("23503"), Meaning::Other);
    }
}
