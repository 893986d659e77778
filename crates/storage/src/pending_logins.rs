//! The `pending_logins` table.

use model::second_factor::PendingLogin;
use model::{SecretDigest, Timestamp, UserId};

use crate::decode::{Columns, to_json};
use crate::{Query, StorageError, Writer};

const TABLE: &str = "pending_logins";

const INSERT: &str = "INSERT INTO pending_logins (secret_digest, user_id, amr, attempts, created_at, expires_at) VALUES ($1, $2, $3, 0, $4, $5)";
const IS_OPEN: &str = "SELECT count(*) AS n FROM pending_logins WHERE secret_digest = $1 AND consumed_at IS NULL AND expires_at > $2 AND attempts < $3";
const FIND_USER: &str =
    "SELECT user_id FROM pending_logins WHERE secret_digest = $1 AND consumed_at IS NULL AND expires_at > $2";
const COUNT_TRY: &str = "UPDATE pending_logins SET attempts = attempts + 1 WHERE secret_digest = $1 AND consumed_at IS NULL AND expires_at > $2 AND attempts < $3 RETURNING secret_digest, user_id, amr, created_at, expires_at";
const CONSUME: &str =
    "UPDATE pending_logins SET consumed_at = $2 WHERE secret_digest = $1 AND consumed_at IS NULL";
const END_OF_USER: &str =
    "UPDATE pending_logins SET consumed_at = $2 WHERE user_id = $1 AND consumed_at IS NULL";
const DELETE_EXPIRED: &str = "DELETE FROM pending_logins WHERE expires_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[
    INSERT,
    IS_OPEN,
    FIND_USER,
    COUNT_TRY,
    CONSUME,
    END_OF_USER,
    DELETE_EXPIRED,
];

pub async fn insert(w: &mut Writer, pending: &PendingLogin) -> Result<(), StorageError> {
    let (user, amr) = (pending.user_id.to_string(), to_json(TABLE, "amr", &pending.amr)?);
    let args = [
        pending.secret.as_bytes().into(),
        user.as_str().into(),
        amr.as_str().into(),
        pending.created_at.into(),
        pending.expires_at.into(),
    ];
    w.execute(INSERT, &args).await.map(drop)
}

/// Whether it still can be tried.
pub async fn is_open(
    q: &mut impl Query,
    secret: &SecretDigest,
    now: Timestamp,
    most: i64,
) -> Result<bool, StorageError> {
    let args = [secret.as_bytes().into(), now.into(), most.into()];
    Ok(q.fetch_one(IS_OPEN, &args).await?.int("n")? == 1)
}

/// Who waits under it.
pub async fn find_user(
    q: &mut impl Query,
    secret: &SecretDigest,
    now: Timestamp,
) -> Result<Option<UserId>, StorageError> {
    let args = [secret.as_bytes().into(), now.into()];
    let row = q.fetch_optional(FIND_USER, &args).await?;
    row.map(|row| Columns::new(TABLE, &row).parsed("user_id"))
        .transpose()
}

/// Counts a try before it is judged; nothing when it was used, is too old, or `most` were counted.
pub async fn count_try(
    w: &mut Writer,
    secret: &SecretDigest,
    now: Timestamp,
    most: i64,
) -> Result<Option<PendingLogin>, StorageError> {
    let args = [secret.as_bytes().into(), now.into(), most.into()];
    let Some(row) = w.fetch_optional(COUNT_TRY, &args).await? else {
        return Ok(None);
    };
    let columns = Columns::new(TABLE, &row);
    Ok(Some(PendingLogin {
        secret: columns.digest("secret_digest")?,
        user_id: columns.parsed("user_id")?,
        amr: columns.json("amr")?,
        created_at: columns.instant("created_at")?,
        expires_at: columns.instant("expires_at")?,
    }))
}

/// False when somebody was first.
pub async fn consume(w: &mut Writer, secret: &SecretDigest, now: Timestamp) -> Result<bool, StorageError> {
    Ok(w.execute(CONSUME, &[secret.as_bytes().into(), now.into()])
        .await?
        == 1)
}

/// What was proven with credentials that were replaced leads nowhere any more.
pub async fn end_of_user(w: &mut Writer, user: UserId, now: Timestamp) -> Result<(), StorageError> {
    let user = user.to_string();
    w.execute(END_OF_USER, &[user.as_str().into(), now.into()])
        .await
        .map(drop)
}

pub async fn delete_expired(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[before.into()]).await
}
