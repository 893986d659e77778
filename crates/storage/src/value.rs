//! Arguments of a statement: the three column types, with and without NULL.
//! Converts nothing; richer types say themselves what they are stored as.

use std::sync::Arc;

use sqlx::Arguments;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;

/// One argument, borrowed from the caller.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// TEXT
    Text(&'a str),
    /// TEXT or NULL
    OptText(Option<&'a str>),
    /// BIGINT
    Int(i64),
    /// BIGINT or NULL
    OptInt(Option<i64>),
    /// BYTEA
    Bytes(&'a [u8]),
    /// BYTEA or NULL
    OptBytes(Option<&'a [u8]>),
}

pub(crate) fn sqlite_arguments(values: &[Value<'_>]) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    push_sqlite(&mut arguments, values)?;
    Ok(arguments)
}

pub(crate) fn push_sqlite(arguments: &mut SqliteArguments, values: &[Value<'_>]) -> Result<(), sqlx::Error> {
    arguments.reserve(values.len(), 0);
    for value in values {
        // The driver keeps its arguments on another thread, so each needs one copy.
        match *value {
            Value::Text(text) => arguments.add(Arc::<str>::from(text)),
            Value::OptText(text) => arguments.add(text.map(Arc::<str>::from)),
            Value::Int(int) => arguments.add(int),
            Value::OptInt(int) => arguments.add(int),
            Value::Bytes(bytes) => arguments.add(bytes),
            Value::OptBytes(bytes) => arguments.add(bytes),
        }
        .map_err(encode)?;
    }
    Ok(())
}

pub(crate) fn postgres_arguments(values: &[Value<'_>]) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    arguments.reserve(values.len(), 64 * values.len());
    for value in values {
        match *value {
            Value::Text(text) => arguments.add(text),
            Value::OptText(text) => arguments.add(text),
            Value::Int(int) => arguments.add(int),
            Value::OptInt(int) => arguments.add(int),
            Value::Bytes(bytes) => arguments.add(bytes),
            Value::OptBytes(bytes) => arguments.add(bytes),
        }
        .map_err(encode)?;
    }
    Ok(arguments)
}

fn encode(error: BoxDynError) -> sqlx::Error {
    sqlx::Error::Encode(error)
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::OptText(text)
    }
}

impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(text: &'a Option<String>) -> Self {
        Self::OptText(text.as_deref())
    }
}

impl From<i64> for Value<'_> {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(int: Option<i64>) -> Self {
        Self::OptInt(int)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<Option<&'a [u8]>> for Value<'a> {
    fn from(bytes: Option<&'a [u8]>) -> Self {
        Self::OptBytes(bytes)
    }
}

impl From<model::Timestamp> for Value<'_> {
    fn from(instant: model::Timestamp) -> Self {
        Self::Int(instant.as_micros())
    }
}

impl From<Option<model::Timestamp>> for Value<'_> {
    fn from(instant: Option<model::Timestamp>) -> Self {
        Self::OptInt(instant.map(model::Timestamp::as_micros))
    }
}
