//! The `iam_policies` table: what accounts have written themselves. Managed policies are in no table.
//! Refuses to read a document; a row whose text is no policy comes back as it is.

use model::PolicyId;
use model::iam::{AccountId, IamName};
use model::iam_policy::CustomPolicy;

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "iam_policies";

const INSERT: &str = "INSERT INTO iam_policies (id, account_id, name, name_key, description, document, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
const FIND: &str = "SELECT id, account_id, name, description, document, created_at FROM iam_policies WHERE id = $1 AND account_id = $2";
const FIND_BY_NAME: &str = "SELECT id, account_id, name, description, document, created_at FROM iam_policies WHERE account_id = $1 AND name_key = $2";
const LIST: &str = "SELECT id, account_id, name, description, document, created_at FROM iam_policies WHERE account_id = $1 ORDER BY name_key LIMIT $2 OFFSET $3";
const LIST_ALL: &str = "SELECT id, account_id, name, description, document, created_at FROM iam_policies WHERE id > $1 ORDER BY id LIMIT $2";
const COUNT: &str = "SELECT count(*) AS n FROM iam_policies WHERE account_id = $1";
const DELETE: &str = "DELETE FROM iam_policies WHERE id = $1 AND account_id = $2";
const DELETE_OF_ACCOUNT: &str = "DELETE FROM iam_policies WHERE account_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    INSERT,
    FIND,
    FIND_BY_NAME,
    LIST,
    LIST_ALL,
    COUNT,
    DELETE,
    DELETE_OF_ACCOUNT,
];

fn decode(row: &Row) -> Result<CustomPolicy, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(CustomPolicy {
        id: columns.parsed("id")?,
        account_id: columns.parsed("account_id")?,
        name: columns.parsed("name")?,
        description: columns.text("description")?,
        document: columns.text("document")?,
        created_at: columns.instant("created_at")?,
    })
}

/// False when the account has one of this name.
pub async fn insert(w: &mut Writer, policy: &CustomPolicy) -> Result<bool, StorageError> {
    let (id, key) = (policy.id.to_string(), policy.name.key());
    let args = [
        id.as_str().into(),
        policy.account_id.as_str().into(),
        policy.name.as_str().into(),
        key.as_str().into(),
        policy.description.as_str().into(),
        policy.document.as_str().into(),
        policy.created_at.into(),
    ];
    Ok(w.execute(INSERT, &args).await? == 1)
}

pub async fn find(
    q: &mut impl Query,
    account: &AccountId,
    id: PolicyId,
) -> Result<Option<CustomPolicy>, StorageError> {
    let id = id.to_string();
    let args = [id.as_str().into(), account.as_str().into()];
    let row = q.fetch_optional(FIND, &args).await?;
    row.map(|row| decode(&row)).transpose()
}

pub async fn find_by_name(
    q: &mut impl Query,
    account: &AccountId,
    name: &IamName,
) -> Result<Option<CustomPolicy>, StorageError> {
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
) -> Result<Vec<CustomPolicy>, StorageError> {
    let args = [account.as_str().into(), limit.into(), offset.into()];
    q.fetch_all(LIST, &args).await?.iter().map(decode).collect()
}

/// Of all accounts, after this id; nothing comes first when it is empty.
pub async fn list_all(
    q: &mut impl Query,
    after: &str,
    limit: i64,
) -> Result<Vec<CustomPolicy>, StorageError> {
    let rows = q.fetch_all(LIST_ALL, &[after.into(), limit.into()]).await?;
    rows.iter().map(decode).collect()
}

pub async fn count(q: &mut impl Query, account: &AccountId) -> Result<u64, StorageError> {
    q.fetch_one(COUNT, &[account.as_str().into()]).await?.count()
}

/// False when there was none.
pub async fn delete(w: &mut Writer, account: &AccountId, id: PolicyId) -> Result<bool, StorageError> {
    let id = id.to_string();
    let args = [id.as_str().into(), account.as_str().into()];
    Ok(w.execute(DELETE, &args).await? == 1)
}

pub async fn delete_of_account(w: &mut Writer, account: &AccountId) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_ACCOUNT, &[account.as_str().into()]).await
}
