//! The `github_deliveries` table.

use model::Timestamp;

use crate::{StorageError, Writer};

const TAKE: &str =
    "INSERT INTO github_deliveries (id, digest, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const DELETE_OLD: &str = "DELETE FROM github_deliveries WHERE received_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[TAKE, DELETE_OLD];

/// False when it was taken before, under this name or another one.
pub async fn take(w: &mut Writer, (id, digest): (&str, &[u8]), now: Timestamp) -> Result<bool, StorageError> {
    Ok(w.execute(TAKE, &[id.into(), digest.into(), now.into()]).await? == 1)
}

pub async fn delete_old(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_OLD, &[before.into()]).await
}
