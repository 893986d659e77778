//! The `refresh_tokens` table.

use model::refresh_token::{RefreshToken, Rotation};
use model::{SecretDigest, Timestamp};

use crate::decode::{Columns, confirmation};
use crate::{Perform, Query, Row, Script, StorageError, Writer};

const TABLE: &str = "refresh_tokens";

const FIND: &str = "SELECT digest, grant_id, generation, created_at, expires_at, rotated_at, successor_digest, successor_sealed, cnf FROM refresh_tokens WHERE digest = $1";
const IS_ROTATED: &str = "SELECT rotated_at FROM refresh_tokens WHERE digest = $1";
const INSERT: &str = "INSERT INTO refresh_tokens (digest, grant_id, generation, created_at, expires_at, cnf) VALUES ($1, $2, $3, $4, $5, $6)";
const ROTATE: &str = "UPDATE refresh_tokens SET rotated_at = $2, successor_digest = $3, successor_sealed = $4 WHERE digest = $1 AND rotated_at IS NULL";
const FORGET_SUCCESSOR: &str =
    "UPDATE refresh_tokens SET successor_sealed = NULL WHERE grant_id = $1 AND generation = $2";
const DELETE_EXPIRED: &str = "DELETE FROM refresh_tokens WHERE expires_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[FIND, IS_ROTATED, INSERT, ROTATE, FORGET_SUCCESSOR, DELETE_EXPIRED];

pub async fn find(q: &mut impl Query, digest: &SecretDigest) -> Result<Option<RefreshToken>, StorageError> {
    let row = q.fetch_optional(FIND, &[digest.as_bytes().into()]).await?;
    row.as_ref().map(decode).transpose()
}

pub(crate) fn decode(row: &Row) -> Result<RefreshToken, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(RefreshToken {
        digest: columns.digest("digest")?,
        grant_id: columns.parsed("grant_id")?,
        generation: columns.int("generation")?,
        created_at: columns.instant("created_at")?,
        expires_at: columns.instant("expires_at")?,
        rotation: rotation(&columns)?,
        confirmation: columns.opt_json("cnf")?.unwrap_or_default(),
    })
}

fn rotation(columns: &Columns<'_>) -> Result<Option<Rotation>, StorageError> {
    let Some(at) = columns.opt_instant("rotated_at")? else {
        return Ok(None);
    };
    Ok(Some(Rotation {
        at,
        successor: columns.digest("successor_digest")?,
        successor_sealed: columns.opt_bytes("successor_sealed")?.unwrap_or_default(),
    }))
}

/// Whether the token was used.
pub async fn is_rotated(q: &mut impl Query, digest: &SecretDigest) -> Result<bool, StorageError> {
    let row = q.fetch_optional(IS_ROTATED, &[digest.as_bytes().into()]).await?;
    Ok(row
        .map(|row| row.opt_int("rotated_at"))
        .transpose()?
        .flatten()
        .is_some())
}

pub async fn insert(w: &mut impl Perform, token: &RefreshToken) -> Result<(), StorageError> {
    let grant = token.grant_id.to_string();
    let cnf = confirmation(TABLE, &token.confirmation)?;
    let args = [
        token.digest.as_bytes().into(),
        grant.as_str().into(),
        token.generation.into(),
        token.created_at.into(),
        token.expires_at.into(),
        cnf.as_deref().into(),
    ];
    w.perform(INSERT, &args).await
}

/// Marks `token` as used and replaced by its successor, and forgets the sealed text of `token` itself in its predecessor;
/// the script is undone when it was used before.
pub async fn rotate(
    script: &mut Script,
    token: &RefreshToken,
    rotation: &Rotation,
) -> Result<(), StorageError> {
    let args = [
        token.digest.as_bytes().into(),
        rotation.at.into(),
        rotation.successor.as_bytes().into(),
        rotation.successor_sealed.as_slice().into(),
    ];
    script.decide(ROTATE, &args);
    // Also for the first of a chain, which has none: scripts of the same statements are run together.
    let (grant, predecessor) = (token.grant_id.to_string(), token.generation.saturating_sub(1));
    script
        .perform(FORGET_SUCCESSOR, &[grant.as_str().into(), predecessor.into()])
        .await
}

pub async fn delete_expired(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[before.into()]).await
}
