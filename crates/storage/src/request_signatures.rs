//! The `request_signatures` table: signatures of requests already taken.
//! Refuses a second one of the same digest, whichever replica it comes to.

use model::{SecretDigest, Timestamp};

use crate::{StorageError, Writer};

const CONSUME: &str =
    "INSERT INTO request_signatures (digest, expires_at) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING";
const DELETE_EXPIRED: &str = "DELETE FROM request_signatures WHERE expires_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[CONSUME, DELETE_EXPIRED];

/// Takes the signature; false when it was taken before.
pub async fn consume(
    w: &mut Writer,
    digest: &SecretDigest,
    expires_at: Timestamp,
) -> Result<bool, StorageError> {
    let args = [digest.as_bytes().into(), expires_at.into()];
    Ok(w.execute(CONSUME, &args).await? == 1)
}

pub async fn delete_expired(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[before.into()]).await
}
