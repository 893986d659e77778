//! The `client_registrations` and `initial_access_tokens` tables.
//! Refuses to count down beyond nothing: a token is used by one statement that says whether there was a use left.

use model::{ClientId, SecretDigest, Timestamp};

use crate::decode::Columns;
use crate::{Query, StorageError, Writer};

const INSERT: &str = "INSERT INTO client_registrations (client_id, digest) VALUES ($1, $2)";
const FIND: &str = "SELECT digest FROM client_registrations WHERE client_id = $1";
const REPLACE: &str = "UPDATE client_registrations SET digest = $3 WHERE client_id = $1 AND digest = $2";
const CONSUME: &str = "DELETE FROM client_registrations WHERE client_id = $1 AND digest = $2";
const DELETE: &str = "DELETE FROM client_registrations WHERE client_id = $1";
const INSERT_INITIAL: &str =
    "INSERT INTO initial_access_tokens (digest, uses_left, expires_at) VALUES ($1, $2, $3)";
const USE_INITIAL: &str = "UPDATE initial_access_tokens SET uses_left = uses_left - 1 WHERE digest = $1 AND uses_left > 0 AND expires_at > $2";
const DELETE_USED_INITIAL: &str =
    "DELETE FROM initial_access_tokens WHERE expires_at <= $1 OR uses_left <= 0";

pub(crate) const STATEMENTS: &[&str] = &[
    INSERT,
    FIND,
    REPLACE,
    CONSUME,
    DELETE,
    INSERT_INITIAL,
    USE_INITIAL,
    DELETE_USED_INITIAL,
];

pub async fn insert(w: &mut Writer, id: &ClientId, digest: &SecretDigest) -> Result<(), StorageError> {
    let args = [id.as_str().into(), digest.as_bytes().into()];
    w.execute(INSERT, &args).await.map(drop)
}

/// The digest of the token that the client was given last.
pub async fn find(q: &mut impl Query, id: &ClientId) -> Result<Option<SecretDigest>, StorageError> {
    let row = q.fetch_optional(FIND, &[id.as_str().into()]).await?;
    row.map(|row| Columns::new("client_registrations", &row).digest("digest"))
        .transpose()
}

/// False when `old` is not the client's token any more.
pub async fn replace(
    w: &mut Writer,
    id: &ClientId,
    old: &SecretDigest,
    new: &SecretDigest,
) -> Result<bool, StorageError> {
    let args = [id.as_str().into(), old.as_bytes().into(), new.as_bytes().into()];
    Ok(w.execute(REPLACE, &args).await? == 1)
}

/// False when it is not the client's token any more.
pub async fn consume(w: &mut Writer, id: &ClientId, digest: &SecretDigest) -> Result<bool, StorageError> {
    let args = [id.as_str().into(), digest.as_bytes().into()];
    Ok(w.execute(CONSUME, &args).await? == 1)
}

pub async fn delete(w: &mut Writer, id: &ClientId) -> Result<(), StorageError> {
    w.execute(DELETE, &[id.as_str().into()]).await.map(drop)
}

pub async fn insert_initial(
    w: &mut Writer,
    digest: &SecretDigest,
    uses: i64,
    expires_at: Timestamp,
) -> Result<(), StorageError> {
    let args = [digest.as_bytes().into(), uses.into(), expires_at.into()];
    w.execute(INSERT_INITIAL, &args).await.map(drop)
}

/// False when there is no such token, or no use of it left.
pub async fn use_initial(
    w: &mut Writer,
    digest: &SecretDigest,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let args = [digest.as_bytes().into(), now.into()];
    Ok(w.execute(USE_INITIAL, &args).await? == 1)
}

pub async fn delete_used_initial(w: &mut Writer, now: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_USED_INITIAL, &[now.into()]).await
}
