//! The `linked_accounts` table.

use model::linked_account::LinkedAccount;
use model::{Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "linked_accounts";

const FIND: &str = "SELECT provider, subject, user_id, login, name, avatar, email, active_since, tokens, linked_at, updated_at FROM linked_accounts WHERE provider = $1 AND subject = $2";
const LIST: &str = "SELECT provider, subject, user_id, login, name, avatar, email, active_since, tokens, linked_at, updated_at FROM linked_accounts WHERE user_id = $1 ORDER BY linked_at, provider, subject LIMIT 1000";
const INSERT: &str = "INSERT INTO linked_accounts (provider, subject, user_id, login, name, avatar, email, active_since, tokens, linked_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const RENEW: &str = "UPDATE linked_accounts SET login = $4, name = $5, avatar = $6, email = $7, tokens = $8, updated_at = $9 WHERE provider = $1 AND subject = $2 AND user_id = $3";
const REPLACE_TOKENS: &str = "UPDATE linked_accounts SET tokens = $4, updated_at = $5 WHERE provider = $1 AND subject = $2 AND tokens = $3";
const ACTIVATE: &str = "UPDATE linked_accounts SET active_since = CASE WHEN subject = $3 THEN CAST($4 AS BIGINT) ELSE NULL END WHERE user_id = $1 AND provider = $2";
const DELETE: &str = "DELETE FROM linked_accounts WHERE provider = $1 AND subject = $2 AND user_id = $3";
const DELETE_ALL_OF_USER: &str = "DELETE FROM linked_accounts WHERE user_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    FIND,
    LIST,
    INSERT,
    RENEW,
    REPLACE_TOKENS,
    ACTIVATE,
    DELETE,
    DELETE_ALL_OF_USER,
];

fn decode(row: &Row) -> Result<LinkedAccount, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(LinkedAccount {
        provider: columns.text("provider")?,
        subject: columns.text("subject")?,
        user_id: columns.parsed("user_id")?,
        login: columns.opt_text("login")?,
        name: columns.opt_text("name")?,
        avatar: columns.opt_text("avatar")?,
        email: columns.opt_text("email")?,
        active_since: columns.opt_instant("active_since")?,
        tokens: columns.opt_bytes("tokens")?,
        linked_at: columns.instant("linked_at")?,
        updated_at: columns.instant("updated_at")?,
    })
}

pub async fn find(
    q: &mut impl Query,
    provider: &str,
    subject: &str,
) -> Result<Option<LinkedAccount>, StorageError> {
    q.fetch_optional(FIND, &[provider.into(), subject.into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// The user's accounts at all providers, oldest first.
pub async fn list(q: &mut impl Query, user: UserId) -> Result<Vec<LinkedAccount>, StorageError> {
    let rows = q.fetch_all(LIST, &[user.to_string().as_str().into()]).await?;
    rows.iter().map(decode).collect()
}

/// # Errors
/// [`StorageError::UniqueViolation`] when the account is linked already, to whomever.
pub async fn insert(w: &mut Writer, account: &LinkedAccount) -> Result<(), StorageError> {
    let user = account.user_id.to_string();
    let args = [
        account.provider.as_str().into(),
        account.subject.as_str().into(),
        user.as_str().into(),
        (&account.login).into(),
        (&account.name).into(),
        (&account.avatar).into(),
        (&account.email).into(),
        account.active_since.into(),
        account.tokens.as_deref().into(),
        account.linked_at.into(),
        account.updated_at.into(),
    ];
    w.execute(INSERT, &args).await.map(drop)
}

/// What the provider tells now, and its newest tokens; false when the account is not this user's any more.
pub async fn renew(w: &mut Writer, account: &LinkedAccount) -> Result<bool, StorageError> {
    let user = account.user_id.to_string();
    let args = [
        account.provider.as_str().into(),
        account.subject.as_str().into(),
        user.as_str().into(),
        (&account.login).into(),
        (&account.name).into(),
        (&account.avatar).into(),
        (&account.email).into(),
        account.tokens.as_deref().into(),
        account.updated_at.into(),
    ];
    Ok(w.execute(RENEW, &args).await? == 1)
}

/// `new` sealed tokens, or none, in place of `old`; false when another change came first.
pub async fn replace_tokens(
    w: &mut Writer,
    (provider, subject): (&str, &str),
    old: &[u8],
    new: Option<&[u8]>,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let args = [
        provider.into(),
        subject.into(),
        old.into(),
        new.into(),
        now.into(),
    ];
    Ok(w.execute(REPLACE_TOKENS, &args).await? == 1)
}

/// Makes this one the active one of the user's accounts at the provider.
pub async fn activate(
    w: &mut Writer,
    user: UserId,
    (provider, subject): (&str, &str),
    now: Timestamp,
) -> Result<(), StorageError> {
    let user = user.to_string();
    let args = [user.as_str().into(), provider.into(), subject.into(), now.into()];
    w.execute(ACTIVATE, &args).await.map(drop)
}

/// False when it was not this user's.
pub async fn delete(
    w: &mut Writer,
    user: UserId,
    (provider, subject): (&str, &str),
) -> Result<bool, StorageError> {
    let user = user.to_string();
    let args = [provider.into(), subject.into(), user.as_str().into()];
    Ok(w.execute(DELETE, &args).await? == 1)
}

pub async fn delete_all_of_user(w: &mut Writer, user: UserId) -> Result<u64, StorageError> {
    w.execute(DELETE_ALL_OF_USER, &[user.to_string().as_str().into()])
        .await
}
