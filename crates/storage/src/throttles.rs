//! The `login_throttles` table.

use model::Timestamp;
use model::throttle::Throttle;

use crate::decode::Columns;
use crate::{Query, StorageError, Writer};

const FIND: &str =
    "SELECT attempts, window_started_at, blocked_until FROM login_throttles WHERE subject = $1";
const INSERT: &str = "INSERT INTO login_throttles (subject, attempts, window_started_at, blocked_until) VALUES ($1, $2, $3, $4) ON CONFLICT (subject) DO NOTHING";
const UPDATE: &str = "UPDATE login_throttles SET attempts = $2, window_started_at = $3, blocked_until = $4 WHERE subject = $1 AND attempts = $5 AND window_started_at = $6";
const FORGIVE: &str = "UPDATE login_throttles SET attempts = attempts - 1, blocked_until = 0 WHERE subject = $1 AND attempts > 0";
const CLEAR: &str = "DELETE FROM login_throttles WHERE subject = $1";
const DELETE_OLD: &str = "DELETE FROM login_throttles WHERE window_started_at < $1 AND blocked_until < $1";

pub(crate) const STATEMENTS: &[&str] = &[FIND, INSERT, UPDATE, FORGIVE, CLEAR, DELETE_OLD];

pub async fn find(q: &mut impl Query, subject: &str) -> Result<Option<Throttle>, StorageError> {
    let Some(row) = q.fetch_optional(FIND, &[subject.into()]).await? else {
        return Ok(None);
    };
    let columns = Columns::new("login_throttles", &row);
    Ok(Some(Throttle {
        attempts: columns.int("attempts")?,
        window_started_at: columns.instant("window_started_at")?,
        blocked_until: columns.instant("blocked_until")?,
    }))
}

/// Stores `next` if the counter still is `current` (`None`: does not exist yet); false when another attempt came first.
pub async fn replace(
    w: &mut Writer,
    subject: &str,
    current: Option<Throttle>,
    next: Throttle,
) -> Result<bool, StorageError> {
    let values = [
        subject.into(),
        next.attempts.into(),
        next.window_started_at.into(),
        next.blocked_until.into(),
    ];
    let Some(current) = current else {
        return Ok(w.execute(INSERT, &values).await? == 1);
    };
    let [subject, attempts, window, blocked] = values;
    let args = [
        subject,
        attempts,
        window,
        blocked,
        current.attempts.into(),
        current.window_started_at.into(),
    ];
    Ok(w.execute(UPDATE, &args).await? == 1)
}

/// Takes one counted attempt back: it succeeded.
pub async fn forgive(w: &mut Writer, subject: &str) -> Result<(), StorageError> {
    w.execute(FORGIVE, &[subject.into()]).await?;
    Ok(())
}

pub async fn clear(w: &mut Writer, subject: &str) -> Result<(), StorageError> {
    w.execute(CLEAR, &[subject.into()]).await?;
    Ok(())
}

pub async fn delete_old(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_OLD, &[before.into()]).await
}
