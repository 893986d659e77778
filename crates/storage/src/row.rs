//! One row of an answer, read by column name.
//! Refuses a value of another type, and NULL where it was not asked for.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, TypeInfo, ValueRef};

use crate::StorageError;

/// A fetched row.
pub struct Row(pub(crate) Native);

pub(crate) enum Native {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// A TEXT that is not NULL.
    pub fn text(&self, column: &'static str) -> Result<String, StorageError> {
        present(self.opt_text(column)?, column)
    }

    /// A TEXT or NULL.
    pub fn opt_text(&self, column: &'static str) -> Result<Option<String>, StorageError> {
        match &self.0 {
            Native::Sqlite(row) => row.try_get(column),
            Native::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| unreadable(error, column))
    }

    /// A BIGINT that is not NULL.
    pub fn int(&self, column: &'static str) -> Result<i64, StorageError> {
        present(self.opt_int(column)?, column)
    }

    /// The column `n` of a statement that counts.
    pub(crate) fn count(&self) -> Result<u64, StorageError> {
        u64::try_from(self.int("n")?).map_err(|_| StorageError::corrupt("", "n", ""))
    }

    /// A BIGINT or NULL.
    pub fn opt_int(&self, column: &'static str) -> Result<Option<i64>, StorageError> {
        match &self.0 {
            Native::Sqlite(row) => row.try_get(column),
            Native::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| unreadable(error, column))
    }

    /// A BYTEA that is not NULL.
    pub fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StorageError> {
        present(self.opt_bytes(column)?, column)
    }

    /// A BYTEA or NULL.
    pub fn opt_bytes(&self, column: &'static str) -> Result<Option<Vec<u8>>, StorageError> {
        match &self.0 {
            Native::Sqlite(row) => {
                // The driver would also pass text as bytes.
                let raw = row
                    .try_get_raw(column)
                    .map_err(|error| unreadable(error, column))?;
                if !raw.is_null() && raw.type_info().name() == "TEXT" {
                    return Err(StorageError::corrupt("", column, ""));
                }
                row.try_get(column)
            }
            Native::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| unreadable(error, column))
    }
}

fn present<T>(value: Option<T>, column: &'static str) -> Result<T, StorageError> {
    value.ok_or_else(|| StorageError::corrupt("", column, ""))
}

fn unreadable(error: sqlx::Error, column: &'static str) -> StorageError {
    match error {
        // The statement does not select it: a mistake of the program, not of the data.
        sqlx::Error::ColumnNotFound(_) => StorageError::Database(error),
        _ => StorageError::corrupt("", column, ""),
    }
}
