//! The `setup_links` table: one-time links that make the first administrator.

use model::{SecretDigest, Timestamp};

use crate::{Query, StorageError, Writer};

const IS_LIVE: &str =
    "SELECT created_at FROM setup_links WHERE digest = $1 AND consumed_at IS NULL AND expires_at > $2";
const INSERT: &str = "INSERT INTO setup_links (digest, created_at, expires_at) VALUES ($1, $2, $3)";
const CONSUME: &str =
    "UPDATE setup_links SET consumed_at = $2 WHERE digest = $1 AND consumed_at IS NULL AND expires_at > $2";
const DELETE_UNUSED: &str = "DELETE FROM setup_links WHERE consumed_at IS NULL";

pub(crate) const STATEMENTS: &[&str] = &[IS_LIVE, INSERT, CONSUME, DELETE_UNUSED];

pub async fn is_live(
    q: &mut impl Query,
    digest: &SecretDigest,
    now: Timestamp,
) -> Result<bool, StorageError> {
    Ok(q.fetch_optional(IS_LIVE, &[digest.as_bytes().into(), now.into()])
        .await?
        .is_some())
}

/// Stores a new link; the ones before it stop working.
pub async fn replace(
    w: &mut Writer,
    digest: &SecretDigest,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    w.execute(DELETE_UNUSED, &[]).await?;
    w.execute(INSERT, &[digest.as_bytes().into(), now.into(), expires_at.into()])
        .await?;
    Ok(())
}

/// Takes the link; false when it was used, replaced or has expired.
pub async fn consume(w: &mut Writer, digest: &SecretDigest, now: Timestamp) -> Result<bool, StorageError> {
    Ok(w.execute(CONSUME, &[digest.as_bytes().into(), now.into()])
        .await?
        == 1)
}
