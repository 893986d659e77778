//! What hangs on an IAM user, and on an account, in the tables that have no room of their own here.
//! Refuses to be called before whatever was issued has ended.

use model::UserId;
use model::iam::AccountId;

use crate::{Query, Row, StorageError, Writer};

const DELETE_KEYS: &str = "DELETE FROM access_keys WHERE user_id = $1";
const DELETE_PENDING: &str = "DELETE FROM pending_logins WHERE user_id = $1";
const USERS: &str = "SELECT id FROM iam_users WHERE account_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[DELETE_KEYS, DELETE_PENDING, USERS];

/// Keys that requests are signed with, and sign-ins that wait for a second step. How many keys there were.
pub async fn delete_of_user(w: &mut Writer, user: UserId) -> Result<u64, StorageError> {
    let user = user.to_string();
    w.execute(DELETE_PENDING, &[user.as_str().into()]).await?;
    w.execute(DELETE_KEYS, &[user.as_str().into()]).await
}

/// Every IAM user of the account.
pub async fn users(q: &mut impl Query, account: &AccountId) -> Result<Vec<UserId>, StorageError> {
    let rows = q.fetch_all(USERS, &[account.as_str().into()]).await?;
    let id = |row: &Row| crate::decode::Columns::new("iam_users", row).parsed("id");
    rows.iter().map(id).collect()
}
