//! The `accounts` table.

use model::iam::AccountId;
use model::team::{Account, AccountName};
use model::user::Profile;
use model::{Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, Row, Script, StorageError, Writer};

const TABLE: &str = "accounts";

// Nothing happens when the number is taken or the user has an account: the caller looks.
const INSERT: &str =
    "INSERT INTO accounts (id, root_user_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const FIND_OF_ROOT: &str = "SELECT id FROM accounts WHERE root_user_id = $1";
const FIND_ROOT: &str = "SELECT root_user_id FROM accounts WHERE id = $1";
const FIND: &str = "SELECT a.id AS id, a.name AS name, a.root_user_id AS root_user_id, u.username AS username, u.email AS email, u.profile AS profile FROM accounts a JOIN users u ON u.id = a.root_user_id WHERE a.id = $1";
const HOLD_SEAT: &str = "UPDATE memberships SET user_id = user_id WHERE account_id = $1 AND user_id = $2";
const RENAME: &str = "UPDATE accounts SET name = $2 WHERE id = $1";

pub(crate) const STATEMENTS: &[&str] = &[INSERT, FIND_OF_ROOT, FIND_ROOT, FIND, RENAME, HOLD_SEAT];

/// A row with the account's columns and those of its root user.
pub(crate) fn decode_account(row: &Row) -> Result<Account, StorageError> {
    let columns = Columns::new(TABLE, row);
    let root: Profile = columns.json("profile")?;
    let (username, email) = (columns.opt_text("username")?, columns.parsed("email")?);
    let names = [root.name.as_deref(), username.as_deref()];
    let root = (columns.parsed("root_user_id")?, names, &email);
    Ok(Account::new(
        columns.parsed("id")?,
        columns.opt_text("name")?,
        root,
    ))
}

/// False when the number is taken or the user is the root of an account already.
pub async fn insert(
    w: &mut Writer,
    id: &AccountId,
    root: UserId,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let root = root.to_string();
    Ok(
        w.execute(INSERT, &[id.as_str().into(), root.as_str().into(), now.into()])
            .await?
            == 1,
    )
}

/// The number of the account whose root this user is.
pub async fn find_of_root(q: &mut impl Query, root: UserId) -> Result<Option<AccountId>, StorageError> {
    let root = root.to_string();
    let row = q.fetch_optional(FIND_OF_ROOT, &[root.as_str().into()]).await?;
    row.map(|row| Columns::new(TABLE, &row).parsed("id")).transpose()
}

/// Whose account it is; nothing for a number that was never given.
pub async fn find_root(q: &mut impl Query, id: &AccountId) -> Result<Option<UserId>, StorageError> {
    let row = q.fetch_optional(FIND_ROOT, &[id.as_str().into()]).await?;
    row.map(|row| Columns::new(TABLE, &row).parsed("root_user_id"))
        .transpose()
}

pub async fn find(q: &mut impl Query, id: &AccountId) -> Result<Option<Account>, StorageError> {
    let row = q.fetch_optional(FIND, &[id.as_str().into()]).await?;
    row.map(|row| decode_account(&row)).transpose()
}

/// Without a name it is called after its root user.
pub async fn rename(w: &mut Writer, id: &AccountId, name: Option<&AccountName>) -> Result<(), StorageError> {
    let name = name.map(AccountName::as_str);
    w.execute(RENAME, &[id.as_str().into(), name.into()])
        .await
        .map(drop)
}

/// The script is undone unless the user works in the account, and goes on doing so until it is committed.
pub fn hold_seat(script: &mut Script, account: &AccountId, user: UserId) {
    let user = user.to_string();
    script.decide(HOLD_SEAT, &[account.as_str().into(), user.as_str().into()]);
}
