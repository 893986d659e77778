//! One open connection of either database, and the statements that run on it.
//! Never chooses a connection and never begins or ends anything.

use futures::TryStreamExt as _;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{AssertSqlSafe, Either, Executor as _, Postgres, SqlSafeStr as _, SqlStr, Sqlite, Transaction};

use crate::StorageError;
use crate::row::{Native, Row};
use crate::together::Queue;
use crate::value::{Value, postgres_arguments, sqlite_arguments};

/// A connection, and whether a statement on it has failed or was abandoned since it was handed out.
pub struct Link {
    pub(crate) driver: Driver,
    pub(crate) failed: bool,
    /// Always empty on PostgreSQL.
    pub(crate) queue: Queue,
}

pub(crate) enum Driver {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
    Transaction(Transaction<'static, Postgres>),
    /// The connection was given back; only a destructor leaves this behind.
    Gone,
}

impl Link {
    pub(crate) fn new(driver: Driver) -> Self {
        Self {
            driver,
            failed: false,
            queue: Queue::default(),
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

    /// The statement with everything queued before it, for SQLite.
    fn joined(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<(SqlStr, SqliteArguments), sqlx::Error> {
        if self.queue.is_empty() {
            return Ok((sql.into_sql_str(), sqlite_arguments(values)?));
        }
        self.queue.push(sql, values)?;
        let (text, arguments) = self.queue.take();
        // Joined from statements of this program only; whatever comes from outside is an argument.
        Ok((AssertSqlSafe(text).into_sql_str(), arguments))
    }

    pub(crate) async fn optional(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, sqlx::Error> {
        if self.is_sqlite() {
            let (sql, arguments) = self.joined(sql, values)?;
            let query = sqlx::query_with::<Sqlite, _>(sql, arguments);
            let row = query.fetch_optional(self.sqlite()?).await?;
            return Ok(row.map(|row| Row(Native::Sqlite(row))));
        }
        let query = sqlx::query_with::<Postgres, _>(sql, postgres_arguments(values)?);
        let row = query.fetch_optional(self.postgres()?).await?;
        Ok(row.map(|row| Row(Native::Postgres(row))))
    }

    pub(crate) async fn all(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, sqlx::Error> {
        if self.is_sqlite() {
            let (sql, arguments) = self.joined(sql, values)?;
            let query = sqlx::query_with::<Sqlite, _>(sql, arguments);
            let rows = query.fetch_all(self.sqlite()?).await?;
            return Ok(rows.into_iter().map(|row| Row(Native::Sqlite(row))).collect());
        }
        let query = sqlx::query_with::<Postgres, _>(sql, postgres_arguments(values)?);
        let rows = query.fetch_all(self.postgres()?).await?;
        Ok(rows.into_iter().map(|row| Row(Native::Postgres(row))).collect())
    }

    /// How many rows the statement has changed, without those of statements queued before it.
    pub(crate) async fn execute(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, sqlx::Error> {
        if self.is_sqlite() {
            let (sql, arguments) = self.joined(sql, values)?;
            return self.run(sql, arguments).await;
        }
        let query = sqlx::query_with::<Postgres, _>(sql, postgres_arguments(values)?);
        Ok(query.execute(self.postgres()?).await?.rows_affected())
    }

    /// Lets a statement run with the next one; at once where statements can't be joined.
    pub(crate) async fn queue(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<(), sqlx::Error> {
        if self.is_sqlite() {
            return self.queue.push(sql, values);
        }
        self.execute(sql, values).await.map(drop)
    }

    /// Runs what is still queued.
    pub(crate) async fn flush(&mut self) -> Result<(), sqlx::Error> {
        if self.queue.is_empty() {
            return Ok(());
        }
        let (text, arguments) = self.queue.take();
        self.run(AssertSqlSafe(text).into_sql_str(), arguments)
            .await
            .map(drop)
    }

    async fn run(&mut self, sql: SqlStr, arguments: SqliteArguments) -> Result<u64, sqlx::Error> {
        let query = sqlx::query_with::<Sqlite, _>(sql, arguments);
        let mut outcomes = self.sqlite()?.fetch_many(query);
        let mut changed = 0;
        while let Some(outcome) = outcomes.try_next().await? {
            if let Either::Left(done) = outcome {
                changed = done.rows_affected();
            }
        }
        Ok(changed)
    }

    const fn is_sqlite(&self) -> bool {
        matches!(self.driver, Driver::Sqlite(_))
    }

    fn sqlite(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        match &mut self.driver {
            Driver::Sqlite(connection) => Ok(connection),
            Driver::Postgres(_) | Driver::Transaction(_) | Driver::Gone => Err(sqlx::Error::PoolClosed),
        }
    }

    fn postgres(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        match &mut self.driver {
            Driver::Postgres(connection) => Ok(connection),
            Driver::Transaction(transaction) => Ok(transaction),
            Driver::Sqlite(_) | Driver::Gone => Err(sqlx::Error::PoolClosed),
        }
    }
}
