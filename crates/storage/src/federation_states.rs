//! The `federation_states` table.

use model::{SecretDigest, Timestamp};

use crate::decode::Columns;
use crate::{Query, StorageError, Writer};

const TABLE: &str = "federation_states";

const INSERT: &str =
    "INSERT INTO federation_states (digest, browser, payload, expires_at) VALUES ($1, $2, $3, $4)";
const TAKE: &str = "DELETE FROM federation_states WHERE digest = $1 AND browser = $2 RETURNING payload";
const DELETE_EXPIRED: &str = "DELETE FROM federation_states WHERE expires_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[INSERT, TAKE, DELETE_EXPIRED];

pub async fn insert(
    w: &mut Writer,
    (state, browser): (&SecretDigest, &SecretDigest),
    payload: &[u8],
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    let args = [
        state.as_bytes().into(),
        browser.as_bytes().into(),
        payload.into(),
        expires_at.into(),
    ];
    w.execute(INSERT, &args).await.map(drop)
}

/// What was put away, once, and only for the browser it belongs to; another one changes nothing.
pub async fn take(
    w: &mut Writer,
    state: &SecretDigest,
    browser: &SecretDigest,
) -> Result<Option<Vec<u8>>, StorageError> {
    let args = [state.as_bytes().into(), browser.as_bytes().into()];
    let row = w.fetch_optional(TAKE, &args).await?;
    row.map(|row| Columns::new(TABLE, &row).bytes("payload"))
        .transpose()
}

pub async fn delete_expired(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[before.into()]).await
}
