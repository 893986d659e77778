//! The `known_devices` table.
//! Refuses the mark itself: only its digest is stored.

use model::{SecretDigest, Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, StorageError, Writer};

const FIND: &str = "SELECT first_seen_at, last_seen_at FROM known_devices WHERE user_id = $1 AND digest = $2";
const LIST: &str = "SELECT first_seen_at, last_seen_at FROM known_devices WHERE user_id = $1 ORDER BY first_seen_at DESC LIMIT 1000";
const SEEN: &str = "UPDATE known_devices SET last_seen_at = $3 WHERE user_id = $1 AND digest = $2";
const INSERT: &str = "INSERT INTO known_devices (user_id, digest, first_seen_at, last_seen_at) VALUES ($1, $2, $3, $3) ON CONFLICT (user_id, digest) DO NOTHING";
const DELETE_ALL_BUT: &str = "DELETE FROM known_devices WHERE user_id = $1 AND digest <> $2";
const DELETE_UNUSED: &str = "DELETE FROM known_devices WHERE last_seen_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[FIND, LIST, SEEN, INSERT, DELETE_ALL_BUT, DELETE_UNUSED];

/// When a user signed in on a device for the first and the last time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KnownDevice {
    pub first_seen_at: Timestamp,
    pub last_seen_at: Timestamp,
}

/// Whether the user has signed in on this device. The same statement for nobody, who knows none.
pub async fn is_known(
    q: &mut impl Query,
    user: Option<UserId>,
    device: &SecretDigest,
) -> Result<bool, StorageError> {
    let user = user.map(|id| id.to_string()).unwrap_or_default();
    let found = q
        .fetch_optional(FIND, &[user.as_str().into(), device.as_bytes().into()])
        .await?;
    Ok(found.is_some())
}

/// Newest first, at most 1000.
pub async fn list(q: &mut impl Query, user: UserId) -> Result<Vec<KnownDevice>, StorageError> {
    let rows = q.fetch_all(LIST, &[user.to_string().as_str().into()]).await?;
    let devices = rows.iter().map(|row| {
        let columns = Columns::new("known_devices", row);
        Ok(KnownDevice {
            first_seen_at: columns.instant("first_seen_at")?,
            last_seen_at: columns.instant("last_seen_at")?,
        })
    });
    devices.collect()
}

/// Notes a sign-in; true when it is the first one on this device.
pub async fn note(
    w: &mut Writer,
    user: UserId,
    device: &SecretDigest,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let user = user.to_string();
    let args = [user.as_str().into(), device.as_bytes().into(), now.into()];
    if w.execute(SEEN, &args).await? == 1 {
        return Ok(false);
    }
    Ok(w.execute(INSERT, &args).await? == 1)
}

/// Forgets every device of the user but `keep`.
pub async fn delete_all_but(
    w: &mut Writer,
    user: UserId,
    keep: Option<&SecretDigest>,
) -> Result<u64, StorageError> {
    // No digest is empty.
    let keep = keep.map_or(&[][..], |digest| digest.as_bytes().as_slice());
    w.execute(DELETE_ALL_BUT, &[user.to_string().as_str().into(), keep.into()])
        .await
}

/// Devices on which nobody has signed in since `before`.
pub async fn delete_unused(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_UNUSED, &[before.into()]).await
}
