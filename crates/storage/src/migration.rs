//! Bringing the schema up to date, from the statements embedded in the program.
//! Runs on a connection of its own before any pool opens, because pooled connections remember old columns.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use sqlx::migrate::{Migrate, Migration, Migrator};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqlSafeStr as _};

use crate::dialect::{self, Dialect};
use crate::{DatabaseConfig, StorageError};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");
/// Second halves, which only the one database understands.
static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

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
    for migration in MIGRATIONS.iter().chain(SQLITE.iter()).chain(POSTGRES.iter()) {
        (migration.version, &migration.checksum).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// Each migration with its half for this database behind it, as one.
fn whole(dialect: Dialect) -> Migrator {
    let halves = match dialect {
        Dialect::Sqlite => &SQLITE,
        Dialect::Postgres => &POSTGRES,
    };
    let whole = |portable: &Migration| {
        let half = halves.iter().find(|half| half.version == portable.version);
        half.map_or_else(
            || portable.clone(),
            |half| {
                let sql = format!("{}\n{}", portable.sql.as_str(), half.sql.as_str());
                Migration::new(
                    portable.version,
                    portable.description.clone(),
                    portable.migration_type,
                    // Both halves are files of this program.
                    AssertSqlSafe(sql).into_sql_str(),
                    portable.no_tx,
                )
            },
        )
    };
    Migrator::with_migrations(MIGRATIONS.iter().map(whole).collect())
}

/// Applies what is missing.
pub(crate) async fn migrate(config: &DatabaseConfig) -> Result<MigrationReport, StorageError> {
    let dialect = Dialect::of(&config.url)?;
    let migrations = whole(dialect);
    match dialect {
        Dialect::Sqlite => {
            let options = dialect::sqlite_writer(&config.url)?;
            dialect::create_sqlite_file(options.get_filename())?;
            let mut connection = options.connect().await?;
            dialect::require_sound_sqlite(&mut connection).await?;
            let report = apply(&mut connection, &migrations).await?;
            connection.close().await?;
            Ok(report)
        }
        Dialect::Postgres => {
            let mut connection = dialect::postgres_migration(&config.url)?.connect().await?;
            let report = apply(&mut connection, &migrations).await?;
            connection.close().await?;
            Ok(report)
        }
    }
}

async fn apply<C: Migrate>(
    connection: &mut C,
    migrations: &Migrator,
) -> Result<MigrationReport, StorageError> {
    connection.ensure_migrations_table(&migrations.table_name).await?;
    let before = versions(connection).await?;
    migrations.run_direct(None, connection, false).await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_half_has_its_portable_one_and_its_counterpart() {
        let names = |migrator: &Migrator| -> BTreeSet<(i64, String)> {
            let name = |one: &Migration| (one.version, one.description.to_string());
            migrator.iter().map(name).collect()
        };
        assert_eq!(names(&SQLITE), names(&POSTGRES));
        assert!(names(&MIGRATIONS).is_superset(&names(&SQLITE)));
    }
}
