//! The `gateway_events` table.

use model::Timestamp;

use crate::{StorageError, Writer};

const TAKE: &str = "INSERT INTO gateway_events (digest, event_id, name, received_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const DELETE_OLD: &str = "DELETE FROM gateway_events WHERE received_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[TAKE, DELETE_OLD];

/// False when a message of this digest was taken before, under this id or another one.
pub async fn take(
    w: &mut Writer,
    digest: &[u8],
    (id, name): (&str, &str),
    now: Timestamp,
) -> Result<bool, StorageError> {
    let args = [digest.into(), id.into(), name.into(), now.into()];
    Ok(w.execute(TAKE, &args).await? == 1)
}

pub async fn delete_old(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_OLD, &[before.into()]).await
}
