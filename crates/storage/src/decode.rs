//! From columns to the model's types.
//! Refuses to guess: a value the model can't read is [`StorageError::Corrupt`], naming table and column.

use std::str::FromStr;

use model::{SecretDigest, Timestamp};
use oauth::scope::ScopeSet;
use serde::de::DeserializeOwned;

use crate::{Row, StorageError};

/// A row of a known table.
pub(crate) struct Columns<'r> {
    row: &'r Row,
    table: &'static str,
}

impl<'r> Columns<'r> {
    pub(crate) const fn new(table: &'static str, row: &'r Row) -> Self {
        Self { row, table }
    }

    pub(crate) fn text(&self, column: &'static str) -> Result<String, StorageError> {
        self.row.text(column)
    }

    pub(crate) fn opt_text(&self, column: &'static str) -> Result<Option<String>, StorageError> {
        self.row.opt_text(column)
    }

    pub(crate) fn int(&self, column: &'static str) -> Result<i64, StorageError> {
        self.row.int(column)
    }

    pub(crate) fn opt_int(&self, column: &'static str) -> Result<Option<i64>, StorageError> {
        self.row.opt_int(column)
    }

    pub(crate) fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StorageError> {
        self.row.bytes(column)
    }

    pub(crate) fn opt_bytes(&self, column: &'static str) -> Result<Option<Vec<u8>>, StorageError> {
        self.row.opt_bytes(column)
    }

    pub(crate) fn instant(&self, column: &'static str) -> Result<Timestamp, StorageError> {
        self.row.int(column).map(Timestamp::from_micros)
    }

    pub(crate) fn opt_instant(&self, column: &'static str) -> Result<Option<Timestamp>, StorageError> {
        Ok(self.row.opt_int(column)?.map(Timestamp::from_micros))
    }

    pub(crate) fn digest(&self, column: &'static str) -> Result<SecretDigest, StorageError> {
        let bytes = self.row.bytes(column)?;
        <[u8; 32]>::try_from(bytes)
            .map(SecretDigest::from_bytes)
            .map_err(|_| self.corrupt(column))
    }

    pub(crate) fn opt_digest(&self, column: &'static str) -> Result<Option<SecretDigest>, StorageError> {
        let Some(bytes) = self.opt_bytes(column)? else {
            return Ok(None);
        };
        let bytes = bytes.try_into().map_err(|_| self.corrupt(column))?;
        Ok(Some(SecretDigest::from_bytes(bytes)))
    }

    pub(crate) fn parsed<T: FromStr>(&self, column: &'static str) -> Result<T, StorageError> {
        self.row.text(column)?.parse().map_err(|_| self.corrupt(column))
    }

    pub(crate) fn opt_parsed<T: FromStr>(&self, column: &'static str) -> Result<Option<T>, StorageError> {
        let text = self.row.opt_text(column)?;
        text.map(|text| text.parse().map_err(|_| self.corrupt(column)))
            .transpose()
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StorageError> {
        serde_json::from_str(&self.row.text(column)?).map_err(|_| self.corrupt(column))
    }

    pub(crate) fn opt_json<T: DeserializeOwned>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, StorageError> {
        let text = self.row.opt_text(column)?;
        text.map(|text| serde_json::from_str(&text).map_err(|_| self.corrupt(column)))
            .transpose()
    }

    pub(crate) fn scopes(&self, column: &'static str) -> Result<ScopeSet, StorageError> {
        match self.row.text(column)?.as_str() {
            "" => Ok(ScopeSet::default()),
            text => ScopeSet::parse(text).map_err(|_| self.corrupt(column)),
        }
    }

    pub(crate) fn corrupt(&self, column: &'static str) -> StorageError {
        let id = self.row.opt_text("id").ok().flatten().unwrap_or_default();
        StorageError::Corrupt {
            table: self.table,
            column,
            id,
        }
    }
}

/// The `cnf` column; nothing for what is bound to nothing.
pub(crate) fn confirmation(
    table: &'static str,
    value: &oauth::confirmation::Confirmation,
) -> Result<Option<String>, StorageError> {
    let bound = Some(value).filter(|value| !value.is_empty());
    bound.map(|value| to_json(table, "cnf", value)).transpose()
}

/// JSON text of a value that always serializes.
pub(crate) fn to_json<T: serde::Serialize>(
    table: &'static str,
    column: &'static str,
    value: &T,
) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(|_| StorageError::Corrupt {
        table,
        column,
        id: String::new(),
    })
}
