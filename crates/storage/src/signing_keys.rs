//! The `signing_keys` table.

use model::Timestamp;
use model::signing_key::SigningKeyRecord;

use crate::decode::Columns;
use crate::{Query, StorageError, Writer};

const LIST: &str = "SELECT kid, algorithm, public_jwk, private_sealed, created_at, activates_at, retired_at, remove_at FROM signing_keys WHERE remove_at IS NULL OR remove_at > $1 ORDER BY algorithm, activates_at, kid";
const INSERT: &str = "INSERT INTO signing_keys (kid, algorithm, public_jwk, private_sealed, created_at, activates_at) VALUES ($1, $2, $3, $4, $5, $6)";
const UPDATE_LIFE: &str =
    "UPDATE signing_keys SET activates_at = $2, retired_at = $3, remove_at = $4 WHERE kid = $1";
const RESEAL: &str = "UPDATE signing_keys SET private_sealed = $2 WHERE kid = $1";
const DELETE_REMOVED: &str = "DELETE FROM signing_keys WHERE remove_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[LIST, INSERT, UPDATE_LIFE, RESEAL, DELETE_REMOVED];

/// Every key that is still published at `now`, per algorithm in the order of activation.
pub async fn list(q: &mut impl Query, now: Timestamp) -> Result<Vec<SigningKeyRecord>, StorageError> {
    let rows = q.fetch_all(LIST, &[now.into()]).await?;
    rows.iter()
        .map(|row| {
            let columns = Columns::new("signing_keys", row);
            Ok(SigningKeyRecord {
                kid: columns.text("kid")?,
                algorithm: columns.parsed("algorithm")?,
                public_jwk: columns.json("public_jwk")?,
                private_sealed: columns.bytes("private_sealed")?,
                created_at: columns.instant("created_at")?,
                activates_at: columns.instant("activates_at")?,
                retired_at: columns.opt_instant("retired_at")?,
                remove_at: columns.opt_instant("remove_at")?,
            })
        })
        .collect()
}

pub async fn insert(w: &mut Writer, key: &SigningKeyRecord) -> Result<(), StorageError> {
    let jwk = key.public_jwk.to_string();
    let args = [
        key.kid.as_str().into(),
        key.algorithm.as_str().into(),
        jwk.as_str().into(),
        key.private_sealed.as_slice().into(),
        key.created_at.into(),
        key.activates_at.into(),
    ];
    w.execute(INSERT, &args).await?;
    Ok(())
}

/// Stores the key's instants: activation, retirement, removal.
pub async fn update_life(w: &mut Writer, key: &SigningKeyRecord) -> Result<bool, StorageError> {
    let args = [
        key.kid.as_str().into(),
        key.activates_at.into(),
        key.retired_at.into(),
        key.remove_at.into(),
    ];
    Ok(w.execute(UPDATE_LIFE, &args).await? == 1)
}

/// Stores the private part sealed anew, after the master key was rotated.
pub async fn reseal(w: &mut Writer, kid: &str, sealed: &[u8]) -> Result<bool, StorageError> {
    Ok(w.execute(RESEAL, &[kid.into(), sealed.into()]).await? == 1)
}

pub async fn delete_removed(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_REMOVED, &[before.into()]).await
}
