//! The `low_balances` table: below what an account wants to be told, where it has said so.

use model::UserId;
use model::iam::AccountId;

use crate::{Query, StorageError, Writer};

const FIND: &str = "SELECT threshold FROM low_balances WHERE account_id = $1";
const SET: &str = "INSERT INTO low_balances (account_id, threshold) VALUES ($1, $2) ON CONFLICT (account_id) DO UPDATE SET threshold = excluded.threshold";
const DELETE_OF_ROOT: &str =
    "DELETE FROM low_balances WHERE account_id IN (SELECT id FROM accounts WHERE root_user_id = $1)";

pub(crate) const STATEMENTS: &[&str] = &[FIND, SET, DELETE_OF_ROOT];

/// In minor units; nothing where the deployment's figure holds.
pub async fn find(q: &mut impl Query, account: &AccountId) -> Result<Option<i64>, StorageError> {
    let row = q.fetch_optional(FIND, &[account.as_str().into()]).await?;
    row.map(|row| row.int("threshold")).transpose()
}

pub async fn set(w: &mut Writer, account: &AccountId, threshold: i64) -> Result<(), StorageError> {
    w.execute(SET, &[account.as_str().into(), threshold.into()])
        .await
        .map(drop)
}

pub async fn delete_of_root(w: &mut Writer, root: UserId) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_ROOT, &[root.to_string().as_str().into()])
        .await
}
