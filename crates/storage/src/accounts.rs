//! The `accounts` table.

use model::{Timestamp, UserId};

use crate::{Query, StorageError, Writer};

// Nothing happens when the number is taken or the user has an account: the caller looks.
const INSERT: &str =
    "INSERT INTO accounts (id, root_user_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const FIND_OF_ROOT: &str = "SELECT id FROM accounts WHERE root_user_id = $1";
const EXISTS: &str = "SELECT id FROM accounts WHERE id = $1";

pub(crate) const STATEMENTS: &[&str] = &[INSERT, EXISTS, FIND_OF_ROOT];

/// False when the number is taken or the user is the root of an account already.
pub async fn insert(w: &mut Writer, id: &str, root: UserId, now: Timestamp) -> Result<bool, StorageError> {
    let root = root.to_string();
    Ok(w.execute(INSERT, &[id.into(), root.as_str().into(), now.into()])
        .await?
        == 1)
}

/// The number of the account whose root this user is.
pub async fn find_of_root(q: &mut impl Query, root: UserId) -> Result<Option<String>, StorageError> {
    let root = root.to_string();
    let row = q.fetch_optional(FIND_OF_ROOT, &[root.as_str().into()]).await?;
    row.map(|row| row.text("id")).transpose()
}

/// Whether there is an account with this number.
pub async fn exists(q: &mut impl Query, id: &str) -> Result<bool, StorageError> {
    Ok(q.fetch_optional(EXISTS, &[id.into()]).await?.is_some())
}
