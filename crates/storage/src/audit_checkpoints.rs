//! The `audit_checkpoints` and `audit_keys` tables: what was signed about the audit log, and with what.
//! Refuses to change either; checkpoints go when the entries they are about are gone.

use crate::decode::Columns;
use crate::{Query, StorageError, Writer};

const INSERT: &str = "INSERT INTO audit_checkpoints (account_id, number, seq, jws) VALUES ($1, $2, $3, $4)";
const LIST_AFTER: &str = "SELECT account_id, number, seq, jws FROM audit_checkpoints WHERE account_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq, number LIMIT $4";
const ACCOUNT_AFTER: &str =
    "SELECT account_id FROM audit_checkpoints WHERE account_id > $1 ORDER BY account_id LIMIT 1";
const DELETE_BEFORE: &str = "DELETE FROM audit_checkpoints WHERE account_id = $1 AND seq < $2";
const INSERT_KEY: &str = "INSERT INTO audit_keys (kid, jwk_sealed) VALUES ($1, $2) ON CONFLICT DO NOTHING";
const LIST_KEYS: &str = "SELECT kid, jwk_sealed FROM audit_keys ORDER BY kid";
const RESEAL_KEY: &str = "UPDATE audit_keys SET jwk_sealed = $2 WHERE kid = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    INSERT,
    LIST_AFTER,
    ACCOUNT_AFTER,
    DELETE_BEFORE,
    INSERT_KEY,
    LIST_KEYS,
    RESEAL_KEY,
];

/// A checkpoint as stored; what it says is in the signed text, and the rest is for finding it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredCheckpoint {
    pub number: i64,
    pub seq: i64,
    pub jws: String,
}

pub async fn insert(
    w: &mut Writer,
    account: &str,
    checkpoint: &StoredCheckpoint,
) -> Result<(), StorageError> {
    let args = [
        account.into(),
        checkpoint.number.into(),
        checkpoint.seq.into(),
        checkpoint.jws.as_str().into(),
    ];
    w.execute(INSERT, &args).await.map(drop)
}

/// Those about entries after one number and up to another.
pub async fn list_after(
    q: &mut impl Query,
    account: &str,
    (after, last): (i64, i64),
    limit: i64,
) -> Result<Vec<StoredCheckpoint>, StorageError> {
    let args = [account.into(), after.into(), last.into(), limit.into()];
    let rows = q.fetch_all(LIST_AFTER, &args).await?;
    rows.iter()
        .map(|row| {
            let columns = Columns::new("audit_checkpoints", row);
            Ok(StoredCheckpoint {
                number: columns.int("number")?,
                seq: columns.int("seq")?,
                jws: columns.text("jws")?,
            })
        })
        .collect()
}

/// The first account after this one that has a checkpoint.
pub async fn account_after(q: &mut impl Query, account: &str) -> Result<Option<String>, StorageError> {
    let row = q.fetch_optional(ACCOUNT_AFTER, &[account.into()]).await?;
    row.map(|row| row.text("account_id")).transpose()
}

/// Removes those about entries before this one.
pub async fn delete_before(w: &mut Writer, account: &str, seq: i64) -> Result<u64, StorageError> {
    w.execute(DELETE_BEFORE, &[account.into(), seq.into()]).await
}

/// Keeps the public half of a key; nothing happens when it is kept already.
pub async fn insert_key(w: &mut Writer, kid: &str, jwk_sealed: &[u8]) -> Result<(), StorageError> {
    w.execute(INSERT_KEY, &[kid.into(), jwk_sealed.into()])
        .await
        .map(drop)
}

pub async fn list_keys(q: &mut impl Query) -> Result<Vec<(String, Vec<u8>)>, StorageError> {
    let rows = q.fetch_all(LIST_KEYS, &[]).await?;
    rows.iter()
        .map(|row| {
            let columns = Columns::new("audit_keys", row);
            Ok((columns.text("kid")?, columns.bytes("jwk_sealed")?))
        })
        .collect()
}

/// The same under the present master key.
pub async fn reseal_key(w: &mut Writer, kid: &str, jwk_sealed: &[u8]) -> Result<(), StorageError> {
    w.execute(RESEAL_KEY, &[kid.into(), jwk_sealed.into()])
        .await
        .map(drop)
}
