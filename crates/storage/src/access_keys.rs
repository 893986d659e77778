//! The `access_keys` table: keys that programs of IAM users sign with.
//! Refuses to hand out a secret in the clear: what is stored is sealed.

use model::access_key::{AccessKey, AccessKeyId};
use model::{Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "access_keys";

const FIND: &str =
    "SELECT id, user_id, secret_sealed, created_at, last_used_at FROM access_keys WHERE id = $1";
const LIST: &str = "SELECT id, user_id, secret_sealed, created_at, last_used_at FROM access_keys WHERE user_id = $1 ORDER BY created_at, id LIMIT 100";
const COUNT: &str = "SELECT count(*) AS n FROM access_keys WHERE user_id = $1";
const INSERT: &str =
    "INSERT INTO access_keys (id, user_id, secret_sealed, created_at) VALUES ($1, $2, $3, $4)";
const NOTE_USE: &str = "UPDATE access_keys SET last_used_at = CASE WHEN last_used_at > $2 THEN last_used_at ELSE $2 END WHERE id = $1";
const DELETE: &str = "DELETE FROM access_keys WHERE id = $1 AND user_id = $2";
const DELETE_OF_USER: &str = "DELETE FROM access_keys WHERE user_id = $1 RETURNING id";

pub(crate) const STATEMENTS: &[&str] = &[FIND, LIST, COUNT, INSERT, NOTE_USE, DELETE, DELETE_OF_USER];

fn decode(row: &Row) -> Result<AccessKey, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(AccessKey {
        id: columns.parsed("id")?,
        user_id: columns.parsed("user_id")?,
        secret_sealed: columns.bytes("secret_sealed")?,
        created_at: columns.instant("created_at")?,
        last_used_at: columns.opt_instant("last_used_at")?,
    })
}

pub async fn find(q: &mut impl Query, id: AccessKeyId) -> Result<Option<AccessKey>, StorageError> {
    find_by_text(q, &id.to_string()).await
}

/// The same for a text that may be no id: a look-up all the same, of what can't be there.
pub async fn find_by_text(q: &mut impl Query, id: &str) -> Result<Option<AccessKey>, StorageError> {
    let row = q.fetch_optional(FIND, &[id.into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

/// The user's keys, oldest first.
pub async fn list(q: &mut impl Query, user: UserId) -> Result<Vec<AccessKey>, StorageError> {
    let rows = q.fetch_all(LIST, &[user.to_string().as_str().into()]).await?;
    rows.iter().map(decode).collect()
}

/// False when the user has `most` already. The caller holds the user's row, so that of two at once the later one sees the
/// earlier's key.
pub async fn insert(w: &mut Writer, key: &AccessKey, most: i64) -> Result<bool, StorageError> {
    let (id, user) = (key.id.to_string(), key.user_id.to_string());
    if w.fetch_one(COUNT, &[user.as_str().into()]).await?.int("n")? >= most {
        return Ok(false);
    }
    let args = [
        id.as_str().into(),
        user.as_str().into(),
        key.secret_sealed.as_slice().into(),
        key.created_at.into(),
    ];
    Ok(w.execute(INSERT, &args).await? == 1)
}

/// Notes a use, never moving backwards; false when there is no such key any more.
pub async fn note_use(w: &mut Writer, id: AccessKeyId, at: Timestamp) -> Result<bool, StorageError> {
    let id = id.to_string();
    Ok(w.execute(NOTE_USE, &[id.as_str().into(), at.into()]).await? == 1)
}

/// False when this user has no such key.
pub async fn delete(w: &mut Writer, id: AccessKeyId, user: UserId) -> Result<bool, StorageError> {
    let (id, user) = (id.to_string(), user.to_string());
    Ok(w.execute(DELETE, &[id.as_str().into(), user.as_str().into()])
        .await?
        == 1)
}

/// Every key of the user; which ones.
pub async fn delete_of_user(w: &mut Writer, user: UserId) -> Result<Vec<AccessKeyId>, StorageError> {
    let user = user.to_string();
    let rows = w.fetch_all(DELETE_OF_USER, &[user.as_str().into()]).await?;
    rows.iter()
        .map(|row| Columns::new(TABLE, row).parsed("id"))
        .collect()
}
