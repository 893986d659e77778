//! The `password_history` table: the hashes of passwords that were replaced.
//! Refuses to hold the one in use, and more than was asked for.

use model::password::PasswordHash;
use model::{Timestamp, UserId};

use crate::{Query, StorageError, Writer};

// Two changes at one instant are two rows, in their order.
const INSERT: &str = "INSERT INTO password_history (user_id, set_at, password_hash) SELECT $1, CASE WHEN last.at >= $2 THEN last.at + 1 ELSE $2 END, CAST($3 AS TEXT) FROM (SELECT COALESCE(max(set_at), 0) AS at FROM password_history WHERE user_id = $1) AS last";
const LIST: &str =
    "SELECT password_hash FROM password_history WHERE user_id = $1 ORDER BY set_at DESC LIMIT $2";
const KEEP: &str = "DELETE FROM password_history WHERE user_id = $1 AND set_at NOT IN (SELECT set_at FROM password_history WHERE user_id = $1 ORDER BY set_at DESC LIMIT $2)";

pub(crate) const STATEMENTS: &[&str] = &[INSERT, LIST, KEEP];

/// Remembers a password that was replaced, and of all only the newest `keep`.
pub async fn push(
    w: &mut Writer,
    user: UserId,
    (old, keep): (&PasswordHash, i64),
    now: Timestamp,
) -> Result<(), StorageError> {
    let user = user.to_string();
    let args = [user.as_str().into(), now.into(), old.as_phc().into()];
    w.execute(INSERT, &args).await?;
    w.execute(KEEP, &[user.as_str().into(), keep.into()])
        .await
        .map(drop)
}

/// The newest first.
pub async fn list(q: &mut impl Query, user: UserId, limit: i64) -> Result<Vec<PasswordHash>, StorageError> {
    let user = user.to_string();
    let rows = q.fetch_all(LIST, &[user.as_str().into(), limit.into()]).await?;
    rows.iter()
        .map(|row| row.text("password_hash").map(PasswordHash::from_phc))
        .collect()
}
