//! The `password_policies` table: the rules of accounts that have rules of their own.

use model::Timestamp;
use model::iam::AccountId;
use model::password_rules::PasswordRules;

use crate::decode::{Columns, to_json};
use crate::{Query, StorageError, Writer};

const TABLE: &str = "password_policies";

const FIND: &str = "SELECT account_id, rules FROM password_policies WHERE account_id = $1";
const PUT: &str = "INSERT INTO password_policies (account_id, rules, updated_at) VALUES ($1, $2, $3) ON CONFLICT (account_id) DO UPDATE SET rules = excluded.rules, updated_at = excluded.updated_at";
const DELETE: &str = "DELETE FROM password_policies WHERE account_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[FIND, PUT, DELETE];

pub async fn find(q: &mut impl Query, account: &AccountId) -> Result<Option<PasswordRules>, StorageError> {
    let row = q.fetch_optional(FIND, &[account.as_str().into()]).await?;
    row.map(|row| Columns::new(TABLE, &row).json("rules")).transpose()
}

/// In place of those before.
pub async fn put(
    w: &mut Writer,
    account: &AccountId,
    rules: &PasswordRules,
    now: Timestamp,
) -> Result<(), StorageError> {
    let rules = to_json(TABLE, "rules", rules)?;
    let args = [account.as_str().into(), rules.as_str().into(), now.into()];
    w.execute(PUT, &args).await.map(drop)
}

pub async fn delete(w: &mut Writer, account: &AccountId) -> Result<(), StorageError> {
    w.execute(DELETE, &[account.as_str().into()]).await.map(drop)
}
