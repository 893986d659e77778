//! The `idempotency_keys` table.
//! Refuses two at work on one key: the row is taken by one statement, and given back only by who has taken it.

use model::{SecretDigest, Timestamp};

use crate::decode::Columns;
use crate::{Query, StorageError, Writer};

const TAKE: &str = "INSERT INTO idempotency_keys (digest, caller, request, lease, leased_until, expires_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (digest) DO UPDATE SET caller = excluded.caller, request = excluded.request, lease = excluded.lease, leased_until = excluded.leased_until, expires_at = excluded.expires_at, answer_sealed = NULL WHERE idempotency_keys.expires_at <= $7 OR (idempotency_keys.answer_sealed IS NULL AND idempotency_keys.leased_until <= $7)";
const FIND: &str =
    "SELECT request, leased_until, answer_sealed, expires_at FROM idempotency_keys WHERE digest = $1";
const ANSWER: &str = "UPDATE idempotency_keys SET answer_sealed = $3 WHERE digest = $1 AND lease = $2 AND answer_sealed IS NULL";
const RELEASE: &str =
    "DELETE FROM idempotency_keys WHERE digest = $1 AND lease = $2 AND answer_sealed IS NULL";
const DELETE_EXPIRED: &str = "DELETE FROM idempotency_keys WHERE expires_at <= $1";
const DELETE_OF_CALLER: &str = "DELETE FROM idempotency_keys WHERE caller = $1";

pub(crate) const STATEMENTS: &[&str] = &[TAKE, FIND, ANSWER, RELEASE, DELETE_EXPIRED, DELETE_OF_CALLER];

/// A key that somebody begins to work on.
pub struct NewKey<'a> {
    pub digest: &'a SecretDigest,
    pub caller: &'a str,
    pub request: &'a SecretDigest,
    pub lease: &'a SecretDigest,
    pub leased_until: Timestamp,
    pub expires_at: Timestamp,
}

/// What is known of a key.
pub struct StoredKey {
    pub request: SecretDigest,
    pub leased_until: Timestamp,
    /// Sealed; none while somebody works on it.
    pub answer: Option<Vec<u8>>,
    pub expires_at: Timestamp,
}

/// False when somebody works on it, or it has an answer.
pub async fn take(w: &mut Writer, key: &NewKey<'_>, now: Timestamp) -> Result<bool, StorageError> {
    let args = [
        key.digest.as_bytes().into(),
        key.caller.into(),
        key.request.as_bytes().into(),
        key.lease.as_bytes().into(),
        key.leased_until.into(),
        key.expires_at.into(),
        now.into(),
    ];
    Ok(w.execute(TAKE, &args).await? == 1)
}

pub async fn find(q: &mut impl Query, digest: &SecretDigest) -> Result<Option<StoredKey>, StorageError> {
    let Some(row) = q.fetch_optional(FIND, &[digest.as_bytes().into()]).await? else {
        return Ok(None);
    };
    let columns = Columns::new("idempotency_keys", &row);
    Ok(Some(StoredKey {
        request: columns.digest("request")?,
        leased_until: columns.instant("leased_until")?,
        answer: columns.opt_bytes("answer_sealed")?,
        expires_at: columns.instant("expires_at")?,
    }))
}

/// Keeps the answer; false when the lease had ended and another attempt was begun.
pub async fn answer(
    w: &mut Writer,
    (digest, lease): (&SecretDigest, &SecretDigest),
    sealed: &[u8],
) -> Result<bool, StorageError> {
    let args = [digest.as_bytes().into(), lease.as_bytes().into(), sealed.into()];
    Ok(w.execute(ANSWER, &args).await? == 1)
}

/// Forgets the key, so that the next attempt is a first one.
pub async fn release(
    w: &mut Writer,
    (digest, lease): (&SecretDigest, &SecretDigest),
) -> Result<bool, StorageError> {
    let args = [digest.as_bytes().into(), lease.as_bytes().into()];
    Ok(w.execute(RELEASE, &args).await? == 1)
}

pub async fn delete_expired(w: &mut Writer, now: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[now.into()]).await
}

pub async fn delete_of_caller(w: &mut Writer, caller: &str) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_CALLER, &[caller.into()]).await
}
