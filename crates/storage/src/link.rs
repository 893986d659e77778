//! One open connection of either database, and the statements that run on it.
//! Never chooses a connection and never begins or ends anything.

use std::sync::Arc;

use futures::TryStreamExt as _;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{AssertSqlSafe, Either, Executor as _, Postgres, Sqlite, Transaction};

use crate::StorageError;
use crate::row::{Native, Row};
use crate::value::{Value, postgres_arguments, sqlite_arguments};

/// A connection, and whether a statement on it has failed or was abandoned since it was handed out.
pub struct Link {
    pub(crate) driver: Driver,
    pub(crate) failed: bool,
}

pub(crate) enum Driver {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
    Transaction(Transaction<'static, Postgres>),
    /// The connection was given back; only a destructor leaves this behind.
    Gone,
}

enum Open<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

impl Link {
    pub(crate) fn new(driver: Driver) -> Self {
        Self {
            driver,
            failed: false,
        }
    }

    /// Counts a statement as failed until it has ended, so that one abandoned half-way is never overlooked.
    pub(crate) fn begin(&mut self) -> bool {
        std::mem::replace(&mut self.failed, true)
    }

    pub(crate) fn end<T>(
        &mut self,
        before: bool,
        outcome: Result<T, sqlx::Error>,
    ) -> Result<T, StorageError> {
        self.failed = before || outcome.is_err();
        outcome.map_err(StorageError::from)
    }

    fn open(&mut self) -> Result<Open<'_>, sqlx::Error> {
        match &mut self.driver {
            Driver::Sqlite(connection) => Ok(Open::Sqlite(connection)),
            Driver::Postgres(connection) => Ok(Open::Postgres(connection)),
            Driver::Transaction(transaction) => Ok(Open::Postgres(transaction)),
            Driver::Gone => Err(sqlx::Error::PoolClosed),
        }
    }

    pub(crate) async fn optional(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, sqlx::Error> {
        match self.open()? {
            Open::Sqlite(connection) => {
                let query = sqlx::query_with::<Sqlite, _>(sql, sqlite_arguments(values)?);
                Ok(query
                    .fetch_optional(connection)
                    .await?
                    .map(|row| Row::new(Native::Sqlite(row))))
            }
            Open::Postgres(connection) => {
                let query = sqlx::query_with::<Postgres, _>(sql, postgres_arguments(values)?);
                Ok(query
                    .fetch_optional(connection)
                    .await?
                    .map(|row| Row::new(Native::Postgres(row))))
            }
        }
    }

    pub(crate) async fn all(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, sqlx::Error> {
        match self.open()? {
            Open::Sqlite(connection) => {
                let query = sqlx::query_with::<Sqlite, _>(sql, sqlite_arguments(values)?);
                Ok(query
                    .fetch_all(connection)
                    .await?
                    .into_iter()
                    .map(|row| Row::new(Native::Sqlite(row)))
                    .collect())
            }
            Open::Postgres(connection) => {
                let query = sqlx::query_with::<Postgres, _>(sql, postgres_arguments(values)?);
                Ok(query
                    .fetch_all(connection)
                    .await?
                    .into_iter()
                    .map(|row| Row::new(Native::Postgres(row)))
                    .collect())
            }
        }
    }

    /// Runs the statements of a text and tells of each how many rows it changed; for SQLite only.
    pub(crate) async fn counts(
        &mut self,
        text: Arc<str>,
        arguments: SqliteArguments,
    ) -> Result<Vec<u64>, sqlx::Error> {
        let Open::Sqlite(connection) = self.open()? else {
            return Err(sqlx::Error::PoolClosed);
        };
        // Joined from statements of this crate only; whatever comes from outside is an argument.
        let query = sqlx::query_with::<Sqlite, _>(AssertSqlSafe(text), arguments);
        let mut outcomes = connection.fetch_many(query);
        let mut counts = Vec::new();
        while let Some(outcome) = outcomes.try_next().await? {
            if let Either::Left(done) = outcome {
                counts.push(done.rows_affected());
            }
        }
        Ok(counts)
    }

    pub(crate) async fn execute(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, sqlx::Error> {
        match self.open()? {
            Open::Sqlite(connection) => {
                let query = sqlx::query_with::<Sqlite, _>(sql, sqlite_arguments(values)?);
                Ok(query.execute(connection).await?.rows_affected())
            }
            Open::Postgres(connection) => {
                let query = sqlx::query_with::<Postgres, _>(sql, postgres_arguments(values)?);
                Ok(query.execute(connection).await?.rows_affected())
            }
        }
    }
}
