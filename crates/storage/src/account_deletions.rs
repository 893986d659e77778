//! The `account_deletions` table.
//! Refuses two for one account: the first one stands until it is cancelled or done.

use model::deletion::AccountDeletion;
use model::{SecretDigest, Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const FIND: &str =
    "SELECT user_id, secret_digest, requested_at, scheduled_for FROM account_deletions WHERE user_id = $1";
const FIND_BY_SECRET: &str = "SELECT user_id, secret_digest, requested_at, scheduled_for FROM account_deletions WHERE secret_digest = $1";
const INSERT: &str = "INSERT INTO account_deletions (user_id, secret_digest, requested_at, scheduled_for) VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) DO NOTHING";
const TAKE_OVER: &str = "INSERT INTO account_deletions (user_id, secret_digest, requested_at, scheduled_for) VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) DO UPDATE SET secret_digest = excluded.secret_digest, requested_at = excluded.requested_at, scheduled_for = excluded.scheduled_for";
const DELETE: &str = "DELETE FROM account_deletions WHERE user_id = $1";
const TAKE_DUE: &str = "DELETE FROM account_deletions WHERE user_id = $1 AND scheduled_for <= $2";

pub(crate) const STATEMENTS: &[&str] = &[FIND, FIND_BY_SECRET, INSERT, TAKE_OVER, DELETE, TAKE_DUE];

fn decode(row: &Row) -> Result<AccountDeletion, StorageError> {
    let columns = Columns::new("account_deletions", row);
    Ok(AccountDeletion {
        user_id: columns.parsed("user_id")?,
        secret: columns.digest("secret_digest")?,
        requested_at: columns.instant("requested_at")?,
        scheduled_for: columns.instant("scheduled_for")?,
    })
}

pub async fn find(q: &mut impl Query, user: UserId) -> Result<Option<AccountDeletion>, StorageError> {
    q.fetch_optional(FIND, &[user.to_string().as_str().into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

pub async fn find_by_secret(
    q: &mut impl Query,
    secret: &SecretDigest,
) -> Result<Option<AccountDeletion>, StorageError> {
    q.fetch_optional(FIND_BY_SECRET, &[secret.as_bytes().into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// False when one is pending already.
pub async fn insert(w: &mut Writer, deletion: &AccountDeletion) -> Result<bool, StorageError> {
    write(w, INSERT, deletion).await
}

/// Also when one is pending: that gets the new times, and its link stops working.
pub async fn take_over(w: &mut Writer, deletion: &AccountDeletion) -> Result<(), StorageError> {
    write(w, TAKE_OVER, deletion).await.map(drop)
}

async fn write(w: &mut Writer, sql: &'static str, deletion: &AccountDeletion) -> Result<bool, StorageError> {
    let user = deletion.user_id.to_string();
    let args = [
        user.as_str().into(),
        deletion.secret.as_bytes().into(),
        deletion.requested_at.into(),
        deletion.scheduled_for.into(),
    ];
    Ok(w.execute(sql, &args).await? == 1)
}

/// False when none is pending.
pub async fn delete(w: &mut Writer, user: UserId) -> Result<bool, StorageError> {
    Ok(w.execute(DELETE, &[user.to_string().as_str().into()]).await? == 1)
}

/// Takes the deletion whose time has come, so that it is carried out once; false when there is none.
pub async fn take_due(w: &mut Writer, user: UserId, now: Timestamp) -> Result<bool, StorageError> {
    let user = user.to_string();
    Ok(w.execute(TAKE_DUE, &[user.as_str().into(), now.into()]).await? == 1)
}
