//! The `download_tokens` table.

use model::{SecretDigest, SessionId, Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, StorageError, Writer};

const TABLE: &str = "download_tokens";

const INSERT: &str =
    "INSERT INTO download_tokens (digest, user_id, session_id, path, expires_at) VALUES ($1, $2, $3, $4, $5)";
const TAKE: &str =
    "DELETE FROM download_tokens WHERE digest = $1 RETURNING digest, user_id, session_id, path, expires_at";
const DELETE_EXPIRED: &str = "DELETE FROM download_tokens WHERE expires_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[INSERT, TAKE, DELETE_EXPIRED];

/// A token as stored.
pub struct DownloadToken {
    pub digest: SecretDigest,
    pub user_id: UserId,
    pub session_id: SessionId,
    /// The one path it is good for.
    pub path: Option<String>,
    pub expires_at: Timestamp,
}

pub async fn insert(w: &mut Writer, token: &DownloadToken) -> Result<(), StorageError> {
    let (user, session) = (token.user_id.to_string(), token.session_id.to_string());
    let args = [
        token.digest.as_bytes().into(),
        user.as_str().into(),
        session.as_str().into(),
        token.path.as_deref().into(),
        token.expires_at.into(),
    ];
    w.execute(INSERT, &args).await.map(drop)
}

/// The token, which is gone with this; of two callers one gets it.
pub async fn take(w: &mut Writer, digest: &SecretDigest) -> Result<Option<DownloadToken>, StorageError> {
    let Some(row) = w.fetch_optional(TAKE, &[digest.as_bytes().into()]).await? else {
        return Ok(None);
    };
    let columns = Columns::new(TABLE, &row);
    Ok(Some(DownloadToken {
        digest: columns.digest("digest")?,
        user_id: columns.parsed("user_id")?,
        session_id: columns.parsed("session_id")?,
        path: columns.opt_text("path")?,
        expires_at: columns.instant("expires_at")?,
    }))
}

pub async fn delete_expired(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[before.into()]).await
}
