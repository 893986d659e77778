//! The tables `iam_groups` and `iam_group_members`.
//! Refuses to leave members behind when a group goes.

use model::iam::{AccountId, IamName};
use model::iam_policy::Group;
use model::{GroupId, Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "iam_groups";

const INSERT: &str = "INSERT INTO iam_groups (id, account_id, name, name_key, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
const FIND_BY_NAME: &str =
    "SELECT id, account_id, name, created_at FROM iam_groups WHERE account_id = $1 AND name_key = $2";
const LIST: &str = "SELECT id, account_id, name, created_at FROM iam_groups WHERE account_id = $1 ORDER BY name_key LIMIT $2 OFFSET $3";
const LIST_OF_USER: &str = "SELECT g.id, g.account_id, g.name, g.created_at FROM iam_group_members m JOIN iam_groups g ON g.id = m.group_id WHERE m.user_id = $1 ORDER BY g.name_key";
const COUNT: &str = "SELECT count(*) AS n FROM iam_groups WHERE account_id = $1";
const HOLD_ACCOUNT: &str = "UPDATE accounts SET id = id WHERE id = $1";
const DELETE: &str = "DELETE FROM iam_groups WHERE id = $1";
const DELETE_OF_ACCOUNT: &str = "DELETE FROM iam_groups WHERE account_id = $1";
const MEMBERS: &str = "SELECT user_id FROM iam_group_members WHERE group_id = $1 ORDER BY user_id";
const MEMBER_NAMES: &str = "SELECT u.username FROM iam_group_members m JOIN iam_users u ON u.id = m.user_id WHERE m.group_id = $1 ORDER BY u.name_key";
const COUNT_OF_USER: &str = "SELECT count(*) AS n FROM iam_group_members WHERE user_id = $1";
const ADD: &str =
    "INSERT INTO iam_group_members (group_id, user_id, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const REMOVE: &str = "DELETE FROM iam_group_members WHERE group_id = $1 AND user_id = $2";
const REMOVE_ALL: &str = "DELETE FROM iam_group_members WHERE group_id = $1";
const REMOVE_EVERYWHERE: &str = "DELETE FROM iam_group_members WHERE user_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    INSERT,
    FIND_BY_NAME,
    LIST,
    LIST_OF_USER,
    COUNT,
    HOLD_ACCOUNT,
    DELETE,
    DELETE_OF_ACCOUNT,
    MEMBERS,
    MEMBER_NAMES,
    COUNT_OF_USER,
    ADD,
    REMOVE,
    REMOVE_ALL,
    REMOVE_EVERYWHERE,
];

fn decode(row: &Row) -> Result<Group, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(Group {
        id: columns.parsed("id")?,
        account_id: columns.parsed("account_id")?,
        name: columns.parsed("name")?,
        created_at: columns.instant("created_at")?,
    })
}

/// False when the account has one of this name.
pub async fn insert(w: &mut Writer, group: &Group) -> Result<bool, StorageError> {
    let (id, key) = (group.id.to_string(), group.name.key());
    let args = [
        id.as_str().into(),
        group.account_id.as_str().into(),
        group.name.as_str().into(),
        key.as_str().into(),
        group.created_at.into(),
    ];
    Ok(w.execute(INSERT, &args).await? == 1)
}

pub async fn find_by_name(
    q: &mut impl Query,
    account: &AccountId,
    name: &IamName,
) -> Result<Option<Group>, StorageError> {
    let key = name.key();
    let args = [account.as_str().into(), key.as_str().into()];
    let row = q.fetch_optional(FIND_BY_NAME, &args).await?;
    row.map(|row| decode(&row)).transpose()
}

/// By name.
pub async fn list(
    q: &mut impl Query,
    account: &AccountId,
    (limit, offset): (i64, i64),
) -> Result<Vec<Group>, StorageError> {
    let args = [account.as_str().into(), limit.into(), offset.into()];
    q.fetch_all(LIST, &args).await?.iter().map(decode).collect()
}

/// Those that the user is in, by name.
pub async fn list_of_user(q: &mut impl Query, user: UserId) -> Result<Vec<Group>, StorageError> {
    let user = user.to_string();
    let rows = q.fetch_all(LIST_OF_USER, &[user.as_str().into()]).await?;
    rows.iter().map(decode).collect()
}

pub async fn count(q: &mut impl Query, account: &AccountId) -> Result<u64, StorageError> {
    q.fetch_one(COUNT, &[account.as_str().into()]).await?.count()
}

/// Holds the account until commit, so that changes of who may do what in it come one after another.
pub async fn hold_account(w: &mut Writer, account: &AccountId) -> Result<(), StorageError> {
    let held = w.execute(HOLD_ACCOUNT, &[account.as_str().into()]).await;
    held.map(drop)
}

/// With who was in it. False when it was gone.
pub async fn delete(w: &mut Writer, id: GroupId) -> Result<bool, StorageError> {
    let id = id.to_string();
    w.execute(REMOVE_ALL, &[id.as_str().into()]).await?;
    Ok(w.execute(DELETE, &[id.as_str().into()]).await? == 1)
}

/// Groups that nobody is in any more.
pub async fn delete_of_account(w: &mut Writer, account: &AccountId) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_ACCOUNT, &[account.as_str().into()]).await
}

/// Who is in it.
pub async fn members(q: &mut impl Query, id: GroupId) -> Result<Vec<UserId>, StorageError> {
    let rows = q.fetch_all(MEMBERS, &[id.to_string().as_str().into()]).await?;
    let member = |row: &Row| Columns::new("iam_group_members", row).parsed("user_id");
    rows.iter().map(member).collect()
}

/// Who is in it, by name.
pub async fn member_names(q: &mut impl Query, id: GroupId) -> Result<Vec<String>, StorageError> {
    let rows = q
        .fetch_all(MEMBER_NAMES, &[id.to_string().as_str().into()])
        .await?;
    rows.iter().map(|row| row.text("username")).collect()
}

/// How many groups the user is in.
pub async fn count_of_user(q: &mut impl Query, user: UserId) -> Result<u64, StorageError> {
    let user = user.to_string();
    q.fetch_one(COUNT_OF_USER, &[user.as_str().into()]).await?.count()
}

/// False when the user is in it already.
pub async fn add_member(
    w: &mut Writer,
    (group, user): (GroupId, UserId),
    now: Timestamp,
) -> Result<bool, StorageError> {
    let (group, user) = (group.to_string(), user.to_string());
    let args = [group.as_str().into(), user.as_str().into(), now.into()];
    Ok(w.execute(ADD, &args).await? == 1)
}

/// False when the user was not in it.
pub async fn remove_member(w: &mut Writer, group: GroupId, user: UserId) -> Result<bool, StorageError> {
    let (group, user) = (group.to_string(), user.to_string());
    let args = [group.as_str().into(), user.as_str().into()];
    Ok(w.execute(REMOVE, &args).await? == 1)
}

pub async fn remove_everywhere(w: &mut Writer, user: UserId) -> Result<u64, StorageError> {
    let user = user.to_string();
    w.execute(REMOVE_EVERYWHERE, &[user.as_str().into()]).await
}
