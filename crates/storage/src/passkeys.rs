//! The tables `passkeys` and `used_ceremonies`.

use model::passkey::{Passkey, PasskeyName};
use model::{PasskeyId, SecretDigest, Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "passkeys";

const FIND_BY_CREDENTIAL: &str = "SELECT id, user_id, credential_id, name, data, created_at, last_used_at FROM passkeys WHERE credential_id = $1";
const LIST_OF_USER: &str = "SELECT id, user_id, credential_id, name, data, created_at, last_used_at FROM passkeys WHERE user_id = $1 ORDER BY created_at, id";
const INSERT: &str = "INSERT INTO passkeys (id, user_id, credential_id, name, data, created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (credential_id) DO NOTHING";
const UPDATE_USED: &str =
    "UPDATE passkeys SET data = $3, last_used_at = $4 WHERE id = $1 AND user_id = $5 AND data = $2";
const UPDATE_NAME: &str = "UPDATE passkeys SET name = $3 WHERE id = $1 AND user_id = $2";
const DELETE: &str = "DELETE FROM passkeys WHERE id = $1 AND user_id = $2";
const USE_CEREMONY: &str =
    "INSERT INTO used_ceremonies (digest, expires_at) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING";
const DELETE_EXPIRED: &str = "DELETE FROM used_ceremonies WHERE expires_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[
    FIND_BY_CREDENTIAL,
    LIST_OF_USER,
    INSERT,
    UPDATE_USED,
    UPDATE_NAME,
    DELETE,
    USE_CEREMONY,
    DELETE_EXPIRED,
];

fn decode(row: &Row) -> Result<Passkey, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(Passkey {
        id: columns.parsed("id")?,
        user_id: columns.parsed("user_id")?,
        credential_id: columns.bytes("credential_id")?,
        name: PasskeyName::tidy(&columns.text("name")?),
        data: columns.text("data")?,
        created_at: columns.instant("created_at")?,
        last_used_at: columns.opt_instant("last_used_at")?,
    })
}

pub async fn find_by_credential(
    q: &mut impl Query,
    credential_id: &[u8],
) -> Result<Option<Passkey>, StorageError> {
    let row = q
        .fetch_optional(FIND_BY_CREDENTIAL, &[credential_id.into()])
        .await?;
    row.map(|row| decode(&row)).transpose()
}

/// The oldest first. A user has few.
pub async fn list_of_user(q: &mut impl Query, user: UserId) -> Result<Vec<Passkey>, StorageError> {
    let user = user.to_string();
    let rows = q.fetch_all(LIST_OF_USER, &[user.as_str().into()]).await?;
    rows.iter().map(decode).collect()
}

/// False when somebody has registered this credential before.
pub async fn insert(w: &mut Writer, passkey: &Passkey) -> Result<bool, StorageError> {
    let (id, user) = (passkey.id.to_string(), passkey.user_id.to_string());
    let args = [
        id.as_str().into(),
        user.as_str().into(),
        (&passkey.credential_id).into(),
        passkey.name.as_str().into(),
        passkey.data.as_str().into(),
        passkey.created_at.into(),
    ];
    Ok(w.execute(INSERT, &args).await? == 1)
}

/// Writes down a use; false when the passkey is gone or was used since `before` was read.
pub async fn update_used(
    w: &mut Writer,
    (id, user): (PasskeyId, UserId),
    (before, after): (&str, &str),
    now: Timestamp,
) -> Result<bool, StorageError> {
    let (id, user) = (id.to_string(), user.to_string());
    let args = [
        id.as_str().into(),
        before.into(),
        after.into(),
        now.into(),
        user.as_str().into(),
    ];
    Ok(w.execute(UPDATE_USED, &args).await? == 1)
}

/// False when this user has no such passkey.
pub async fn update_name(
    w: &mut Writer,
    (id, user): (PasskeyId, UserId),
    name: &PasskeyName,
) -> Result<bool, StorageError> {
    let (id, user) = (id.to_string(), user.to_string());
    let args = [id.as_str().into(), user.as_str().into(), name.as_str().into()];
    Ok(w.execute(UPDATE_NAME, &args).await? == 1)
}

/// False when this user has no such passkey.
pub async fn delete(w: &mut Writer, (id, user): (PasskeyId, UserId)) -> Result<bool, StorageError> {
    let (id, user) = (id.to_string(), user.to_string());
    Ok(w.execute(DELETE, &[id.as_str().into(), user.as_str().into()])
        .await?
        == 1)
}

/// False when it was answered before.
pub async fn use_ceremony(
    w: &mut Writer,
    digest: &SecretDigest,
    expires_at: Timestamp,
) -> Result<bool, StorageError> {
    let args = [digest.as_bytes().into(), expires_at.into()];
    Ok(w.execute(USE_CEREMONY, &args).await? == 1)
}

/// Ceremonies that nobody could answer any more.
pub async fn delete_expired(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[before.into()]).await
}
