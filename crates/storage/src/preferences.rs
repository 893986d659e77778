//! The `preferences` table.

use model::{Timestamp, UserId};
use serde_json::{Map, Value};

use crate::decode::{Columns, to_json};
use crate::{Query, StorageError, Writer};

const TABLE: &str = "preferences";

const FIND: &str = "SELECT document FROM preferences WHERE user_id = $1";
const PUT: &str = "INSERT INTO preferences (user_id, document, updated_at) VALUES ($1, $2, $3) ON CONFLICT (user_id) DO UPDATE SET document = excluded.document, updated_at = excluded.updated_at";
const DELETE_OF_USER: &str = "DELETE FROM preferences WHERE user_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[FIND, PUT, DELETE_OF_USER];

/// None when the user never said any.
pub async fn find(q: &mut impl Query, user: UserId) -> Result<Option<Map<String, Value>>, StorageError> {
    let row = q
        .fetch_optional(FIND, &[user.to_string().as_str().into()])
        .await?;
    row.map(|row| Columns::new(TABLE, &row).json("document"))
        .transpose()
}

/// In place of what was there.
pub async fn put(
    w: &mut Writer,
    user: UserId,
    document: &Map<String, Value>,
    now: Timestamp,
) -> Result<(), StorageError> {
    let (user, document) = (user.to_string(), to_json(TABLE, "document", document)?);
    let args = [user.as_str().into(), document.as_str().into(), now.into()];
    w.execute(PUT, &args).await.map(drop)
}

pub async fn delete_of_user(w: &mut Writer, user: UserId) -> Result<(), StorageError> {
    let user = user.to_string();
    w.execute(DELETE_OF_USER, &[user.as_str().into()]).await.map(drop)
}
