//! One row of an answer, read by column name.
//! Refuses a value of another type, and NULL where it was not asked for.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column, Decode, Postgres, Row as _, Sqlite, Type, TypeInfo, ValueRef};

use crate::StorageError;

/// A fetched row.
pub struct Row {
    native: Native,
    /// How many of its columns are behind: a join has one name more than once.
    behind: usize,
}

pub(crate) enum Native {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    pub(crate) const fn new(native: Native) -> Self {
        Self { native, behind: 0 }
    }

    /// The rest of the row, without its first `count` columns: those of the next table of a join.
    #[must_use]
    pub fn after(self, count: usize) -> Self {
        Self {
            native: self.native,
            behind: self.behind + count,
        }
    }

    /// A TEXT that is not NULL.
    pub fn text(&self, column: &'static str) -> Result<String, StorageError> {
        present(self.opt_text(column)?, column)
    }

    /// A TEXT or NULL.
    pub fn opt_text(&self, column: &'static str) -> Result<Option<String>, StorageError> {
        self.get(column)
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
        self.get(column)
    }

    /// A BYTEA that is not NULL.
    pub fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StorageError> {
        present(self.opt_bytes(column)?, column)
    }

    /// A BYTEA or NULL.
    pub fn opt_bytes(&self, column: &'static str) -> Result<Option<Vec<u8>>, StorageError> {
        if let Native::Sqlite(row) = &self.native {
            // The driver would also pass text as bytes.
            let raw = row
                .try_get_raw(self.place(column)?)
                .map_err(|_| StorageError::corrupt("", column, ""))?;
            if !raw.is_null() && raw.type_info().name() == "TEXT" {
                return Err(StorageError::corrupt("", column, ""));
            }
        }
        self.get(column)
    }

    fn get<T>(&self, column: &'static str) -> Result<Option<T>, StorageError>
    where
        T: Type<Sqlite> + Type<Postgres> + for<'r> Decode<'r, Sqlite> + for<'r> Decode<'r, Postgres>,
    {
        let place = self.place(column)?;
        match &self.native {
            Native::Sqlite(row) => row.try_get(place),
            Native::Postgres(row) => row.try_get(place),
        }
        .map_err(|_| StorageError::corrupt("", column, ""))
    }

    /// The first column of that name that is not behind. That there is none is a mistake of the program, not of the data.
    fn place(&self, column: &'static str) -> Result<usize, StorageError> {
        let found = match &self.native {
            Native::Sqlite(row) => position(row.columns().iter().map(Column::name), self.behind, column),
            Native::Postgres(row) => position(row.columns().iter().map(Column::name), self.behind, column),
        };
        found.ok_or_else(|| StorageError::Database(sqlx::Error::ColumnNotFound(column.to_owned())))
    }
}

fn position<'a>(names: impl Iterator<Item = &'a str>, behind: usize, column: &str) -> Option<usize> {
    let mut names = names.enumerate().skip(behind);
    names.find(|(_, name)| *name == column).map(|(place, _)| place)
}

fn present<T>(value: Option<T>, column: &'static str) -> Result<T, StorageError> {
    value.ok_or_else(|| StorageError::corrupt("", column, ""))
}
