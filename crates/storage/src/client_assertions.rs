//! The `client_assertions` table: identifiers of assertions already taken.

use model::{ClientId, SecretDigest, Timestamp};

use crate::{StorageError, Writer};

const CONSUME: &str = "INSERT INTO client_assertions (client_id, jti_digest, expires_at) VALUES ($1, $2, $3) ON CONFLICT (client_id, jti_digest) DO NOTHING";
const DELETE_EXPIRED: &str = "DELETE FROM client_assertions WHERE expires_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[CONSUME, DELETE_EXPIRED];

/// Takes the assertion; false when it was taken before.
pub async fn consume(
    w: &mut Writer,
    client: &ClientId,
    jti: &SecretDigest,
    expires_at: Timestamp,
) -> Result<bool, StorageError> {
    Ok(w.execute(
        CONSUME,
        &[client.as_str().into(), jti.as_bytes().into(), expires_at.into()],
    )
    .await?
        == 1)
}

pub async fn delete_expired(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[before.into()]).await
}
