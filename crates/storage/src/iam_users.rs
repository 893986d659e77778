//! The `iam_users` table, with the rows in `users` that it stands beside.
//! Refuses to find people, and IAM users who were deleted.

use model::iam::{AccountId, IamName, IamUser};
use model::password::PasswordHash;
use model::{Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "iam_users";

const FIND_BY_ID: &str = "SELECT i.id, i.account_id, i.username, i.console_since, i.password_set_at, i.change_required_at, i.created_at, u.password_hash, COALESCE(u.disabled_at, r.disabled_at) AS disabled_at FROM iam_users AS i JOIN users AS u ON u.id = i.id JOIN accounts AS a ON a.id = i.account_id JOIN users AS r ON r.id = a.root_user_id WHERE i.id = $1";
const FIND_BY_NAME: &str = "SELECT i.id, i.account_id, i.username, i.console_since, i.password_set_at, i.change_required_at, i.created_at, u.password_hash, COALESCE(u.disabled_at, r.disabled_at) AS disabled_at FROM iam_users AS i JOIN users AS u ON u.id = i.id JOIN accounts AS a ON a.id = i.account_id JOIN users AS r ON r.id = a.root_user_id WHERE i.account_id = $1 AND i.name_key = $2";
const LIST: &str = "SELECT i.id, i.account_id, i.username, i.console_since, i.password_set_at, i.change_required_at, i.created_at, u.password_hash, COALESCE(u.disabled_at, r.disabled_at) AS disabled_at FROM iam_users AS i JOIN users AS u ON u.id = i.id JOIN accounts AS a ON a.id = i.account_id JOIN users AS r ON r.id = a.root_user_id WHERE i.account_id = $1 ORDER BY i.name_key LIMIT $2 OFFSET $3";
const COUNT: &str = "SELECT count(*) AS n FROM iam_users WHERE account_id = $1";
const INSERT_PRINCIPAL: &str = "INSERT INTO users (id, username, email, role, password_hash, profile, disabled_at, created_at, updated_at, terms_due) VALUES ($1, NULL, $2, 'iam', $3, '{}', $4, $5, $5, NULL)";
const INSERT: &str = "INSERT INTO iam_users (id, account_id, username, name_key, console_since, password_set_at, change_required_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account_id, name_key) DO NOTHING";
const FORGET_PRINCIPAL: &str = "DELETE FROM users WHERE id = $1 AND role = 'iam'";
const HOLD_ROOT: &str = "UPDATE users SET id = id WHERE id = (SELECT a.root_user_id FROM iam_users AS i JOIN accounts AS a ON a.id = i.account_id WHERE i.id = $1) AND disabled_at IS NULL";
const HOLD: &str = "UPDATE users SET id = id WHERE id = $1 AND role = 'iam' AND disabled_at IS NULL AND EXISTS (SELECT 1 FROM iam_users WHERE iam_users.id = users.id AND (iam_users.console_since IS NOT NULL OR $2 = 0))";
const SET_HASH: &str = "UPDATE users SET password_hash = $3, updated_at = $4 WHERE id = $1 AND COALESCE(password_hash, '') = $2 AND role = 'iam' AND erased_at IS NULL";
const NOTE_PASSWORD: &str =
    "UPDATE iam_users SET password_set_at = $2, change_required_at = $3 WHERE id = $1";
const SET_CONSOLE: &str = "UPDATE iam_users SET console_since = $2 WHERE id = $1";
const BURY: &str = "UPDATE users SET password_hash = NULL, disabled_at = COALESCE(disabled_at, $2), erased_at = $2, updated_at = $2 WHERE id = $1 AND role = 'iam' AND erased_at IS NULL";
const DELETE_HISTORY: &str = "DELETE FROM password_history WHERE user_id = $1";
const DELETE: &str = "DELETE FROM iam_users WHERE id = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    FIND_BY_ID,
    FIND_BY_NAME,
    LIST,
    COUNT,
    INSERT_PRINCIPAL,
    INSERT,
    FORGET_PRINCIPAL,
    HOLD_ROOT,
    HOLD,
    SET_HASH,
    NOTE_PASSWORD,
    SET_CONSOLE,
    BURY,
    DELETE_HISTORY,
    DELETE,
];

fn decode(row: &Row) -> Result<IamUser, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(IamUser {
        id: columns.parsed("id")?,
        account_id: columns.parsed("account_id")?,
        name: columns.parsed("username")?,
        password: columns.opt_text("password_hash")?.map(PasswordHash::from_phc),
        console_since: columns.opt_instant("console_since")?,
        password_set_at: columns.opt_instant("password_set_at")?,
        change_required_at: columns.opt_instant("change_required_at")?,
        disabled_at: columns.opt_instant("disabled_at")?,
        created_at: columns.instant("created_at")?,
    })
}

pub async fn find_by_id(q: &mut impl Query, id: UserId) -> Result<Option<IamUser>, StorageError> {
    q.fetch_optional(FIND_BY_ID, &[id.to_string().as_str().into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// The user of this name in the account, whatever the case.
pub async fn find_by_name(
    q: &mut impl Query,
    account: &AccountId,
    name: &IamName,
) -> Result<Option<IamUser>, StorageError> {
    find_by_key(q, account.as_str(), &name.key()).await
}

/// The same for texts that may be neither number nor name: a look-up all the same, of what can't be there.
pub async fn find_by_key(
    q: &mut impl Query,
    account: &str,
    name_key: &str,
) -> Result<Option<IamUser>, StorageError> {
    q.fetch_optional(FIND_BY_NAME, &[account.into(), name_key.into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// Up to `limit` users of the account in the order of their names, after the first `skip`.
pub async fn list(
    q: &mut impl Query,
    account: &AccountId,
    (skip, limit): (i64, i64),
) -> Result<Vec<IamUser>, StorageError> {
    let args = [account.as_str().into(), limit.into(), skip.into()];
    let rows = q.fetch_all(LIST, &args).await?;
    rows.iter().map(decode).collect()
}

pub async fn count(q: &mut impl Query, account: &AccountId) -> Result<i64, StorageError> {
    q.fetch_one(COUNT, &[account.as_str().into()]).await?.int("n")
}

/// False when the account has a user of this name already.
pub async fn insert(w: &mut Writer, user: &IamUser) -> Result<bool, StorageError> {
    let (id, email) = (user.id.to_string(), user.placeholder());
    let args = [
        id.as_str().into(),
        email.as_str().into(),
        user.password.as_ref().map(PasswordHash::as_phc).into(),
        user.disabled_at.into(),
        user.created_at.into(),
    ];
    w.execute(INSERT_PRINCIPAL, &args).await?;
    let key = user.name.key();
    let args = [
        id.as_str().into(),
        user.account_id.as_str().into(),
        user.name.as_str().into(),
        key.as_str().into(),
        user.console_since.into(),
        user.password_set_at.into(),
        user.change_required_at.into(),
        user.created_at.into(),
    ];
    if w.execute(INSERT, &args).await? == 1 {
        return Ok(true);
    }
    w.execute(FORGET_PRINCIPAL, &[id.as_str().into()]).await?;
    Ok(false)
}

/// Whether the user and the account's root user are enabled, and the user may open the console where `console` asks for that.
/// Holds the rows until commit, so that neither changes meanwhile.
pub async fn hold(w: &mut Writer, id: UserId, console: bool) -> Result<bool, StorageError> {
    let id = id.to_string();
    Ok(w.execute(HOLD_ROOT, &[id.as_str().into()]).await? == 1
        && w.execute(HOLD, &[id.as_str().into(), i64::from(console).into()])
            .await?
            == 1)
}

/// Replaces the hash `old`, or none, by `new`, or none. False when another change came first.
pub async fn set_password(
    w: &mut Writer,
    id: UserId,
    (old, new): (Option<&PasswordHash>, Option<&PasswordHash>),
    now: Timestamp,
) -> Result<bool, StorageError> {
    let id = id.to_string();
    let args = [
        id.as_str().into(),
        old.map_or("", PasswordHash::as_phc).into(),
        new.map(PasswordHash::as_phc).into(),
        now.into(),
    ];
    Ok(w.execute(SET_HASH, &args).await? == 1)
}

/// Since when the user has the password, and has to change it.
pub async fn note_password(
    w: &mut Writer,
    id: UserId,
    (set_at, change_required_at): (Option<Timestamp>, Option<Timestamp>),
) -> Result<(), StorageError> {
    let id = id.to_string();
    let args = [id.as_str().into(), set_at.into(), change_required_at.into()];
    w.execute(NOTE_PASSWORD, &args).await.map(drop)
}

/// Opens the console to the user's password, or closes it.
pub async fn set_console(w: &mut Writer, id: UserId, since: Option<Timestamp>) -> Result<(), StorageError> {
    let id = id.to_string();
    w.execute(SET_CONSOLE, &[id.as_str().into(), since.into()])
        .await
        .map(drop)
}

/// Leaves nothing but the id, which sessions and records name; false when that was done before. Whatever refers to the row in
/// `iam_users` (keys, groups) has to be gone. Ending what the user has open is the caller's.
pub async fn delete(w: &mut Writer, id: UserId, now: Timestamp) -> Result<bool, StorageError> {
    let id = id.to_string();
    if w.execute(BURY, &[id.as_str().into(), now.into()]).await? != 1 {
        return Ok(false);
    }
    w.execute(DELETE_HISTORY, &[id.as_str().into()]).await?;
    Ok(w.execute(DELETE, &[id.as_str().into()]).await? == 1)
}
