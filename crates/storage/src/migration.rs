//! Bringing the schema up to date, from the statements embedded in the program.
//! Runs on a connection of its own before any pool opens, because pooled connections remember old columns.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use sqlx::migrate::{Migrate, Migrator};
use sqlx::{ConnectOptions, Connection};

use crate::dialect::{self, Dialect};
use crate::{DatabaseConfig, StorageError};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// What a migration did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationReport {
    /// The versions applied just now, in order.
    pub applied: Vec<i64>,
    /// The version that the schema has now.
    pub version: Option<i64>,
}

/// Differs whenever the embedded migrations differ; the same in every build by the same compiler.
pub fn schema_fingerprint() -> String {
    let mut hasher = DefaultHasher::new();
    for migration in MIGRATIONS.iter() {
        (migration.version, &migration.checksum).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// Applies what is missing.
pub(crate) async fn migrate(config: &DatabaseConfig) -> Result<MigrationReport, StorageError> {
    match Dialect::of(&config.url)? {
        Dialect::Sqlite => {
            let options = dialect::sqlite_writer(&config.url)?;
            dialect::create_sqlite_file(options.get_filename())?;
            let mut connection = options.connect().await?;
            dialect::require_sound_sqlite(&mut connection).await?;
            let report = apply(&mut connection).await?;
            connection.close().await?;
            Ok(report)
        }
        Dialect::Postgres => {
            let mut connection = dialect::postgres_migration(&config.url)?.connect().await?;
            let report = apply(&mut connection).await?;
            connection.close().await?;
            Ok(report)
        }
    }
}

async fn apply<C: Migrate>(connection: &mut C) -> Result<MigrationReport, StorageError> {
    let table = &MIGRATIONS.table_name;
    connection.ensure_migrations_table(table).await?;
    let before = versions(connection).await?;
    MIGRATIONS.run_direct(None, connection, false).await?;
    let after = versions(connection).await?;
    Ok(MigrationReport {
        applied: after.difference(&before).copied().collect(),
        version: after.last().copied(),
    })
}

async fn versions<C: Migrate>(connection: &mut C) -> Result<BTreeSet<i64>, StorageError> {
    let applied = connection.list_applied_migrations(&MIGRATIONS.table_name).await?;
    Ok(applied.into_iter().map(|migration| migration.version).collect())
}
