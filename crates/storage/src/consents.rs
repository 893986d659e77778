//! The `consents` table.

use model::consent::Consent;
use model::{ClientId, UserId};

use crate::decode::Columns;
use crate::{Perform, Query, Row, StorageError, Writer};

const FIND: &str = "SELECT user_id, client_id, scopes, granted_at, updated_at FROM consents WHERE user_id = $1 AND client_id = $2";
const LIST: &str = "SELECT user_id, client_id, scopes, granted_at, updated_at FROM consents WHERE user_id = $1 ORDER BY client_id LIMIT 1000";
const UPSERT: &str = "INSERT INTO consents (user_id, client_id, scopes, granted_at, updated_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id, client_id) DO UPDATE SET scopes = excluded.scopes, updated_at = excluded.updated_at";
const DELETE: &str = "DELETE FROM consents WHERE user_id = $1 AND client_id = $2";
const DELETE_OF_CLIENT: &str = "DELETE FROM consents WHERE client_id = $1";
const DELETE_OF_USER: &str = "DELETE FROM consents WHERE user_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[FIND, LIST, UPSERT, DELETE, DELETE_OF_CLIENT, DELETE_OF_USER];

fn decode(row: &Row) -> Result<Consent, StorageError> {
    let columns = Columns::new("consents", row);
    Ok(Consent {
        user_id: columns.parsed("user_id")?,
        client_id: columns.parsed("client_id")?,
        scopes: columns.scopes("scopes")?,
        granted_at: columns.instant("granted_at")?,
        updated_at: columns.instant("updated_at")?,
    })
}

pub async fn find(
    q: &mut impl Query,
    user: UserId,
    client: &ClientId,
) -> Result<Option<Consent>, StorageError> {
    let row = q
        .fetch_optional(FIND, &[user.to_string().as_str().into(), client.as_str().into()])
        .await?;
    row.map(|row| decode(&row)).transpose()
}

pub async fn list(q: &mut impl Query, user: UserId) -> Result<Vec<Consent>, StorageError> {
    q.fetch_all(LIST, &[user.to_string().as_str().into()])
        .await?
        .iter()
        .map(decode)
        .collect()
}

pub async fn upsert(w: &mut impl Perform, consent: &Consent) -> Result<(), StorageError> {
    let (user, scopes) = (consent.user_id.to_string(), consent.scopes.to_string());
    let args = [
        user.as_str().into(),
        consent.client_id.as_str().into(),
        scopes.as_str().into(),
        consent.granted_at.into(),
        consent.updated_at.into(),
    ];
    w.perform(UPSERT, &args).await
}

/// False when there was none.
pub async fn delete(w: &mut Writer, user: UserId, client: &ClientId) -> Result<bool, StorageError> {
    Ok(w.execute(
        DELETE,
        &[user.to_string().as_str().into(), client.as_str().into()],
    )
    .await?
        == 1)
}

pub async fn delete_of_client(w: &mut Writer, client: &ClientId) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_CLIENT, &[client.as_str().into()]).await
}

pub async fn delete_of_user(w: &mut Writer, user: UserId) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_USER, &[user.to_string().as_str().into()])
        .await
}
