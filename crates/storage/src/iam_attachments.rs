//! The `iam_attachments` table: which policies users and groups have.
//! Refuses to say what a policy means; managed ones are ids without a row behind them.

use model::iam::AccountId;
use model::{GroupId, Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "iam_attachments";

const INSERT: &str = "INSERT INTO iam_attachments (principal_id, policy_id, account_id, attached_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const DELETE: &str = "DELETE FROM iam_attachments WHERE principal_id = $1 AND policy_id = $2";
const DELETE_OF_PRINCIPAL: &str = "DELETE FROM iam_attachments WHERE principal_id = $1";
const DELETE_OF_POLICY: &str = "DELETE FROM iam_attachments WHERE account_id = $1 AND policy_id = $2";
const DELETE_OF_ACCOUNT: &str = "DELETE FROM iam_attachments WHERE account_id = $1";
const LIST: &str = "SELECT a.policy_id, a.principal_id, a.attached_at, p.name, p.document FROM iam_attachments a LEFT JOIN iam_policies p ON p.id = a.policy_id AND p.account_id = a.account_id WHERE a.principal_id = $1 ORDER BY a.attached_at, a.policy_id";
const LIST_BINDING: &str = "SELECT a.policy_id, a.principal_id, a.attached_at, p.name, p.document FROM iam_attachments a LEFT JOIN iam_policies p ON p.id = a.policy_id AND p.account_id = a.account_id WHERE a.principal_id IN (SELECT $1 UNION ALL SELECT group_id FROM iam_group_members WHERE user_id = $1) ORDER BY a.policy_id, a.principal_id";
const HOLDING_USERS: &str = "SELECT u.id, u.username AS name FROM iam_attachments a JOIN iam_users u ON u.id = a.principal_id WHERE a.account_id = $1 AND a.policy_id = $2 ORDER BY u.name_key";
const HOLDING_GROUPS: &str = "SELECT g.id, g.name FROM iam_attachments a JOIN iam_groups g ON g.id = a.principal_id WHERE a.account_id = $1 AND a.policy_id = $2 ORDER BY g.name_key";
const COUNT: &str = "SELECT count(*) AS n FROM iam_attachments WHERE principal_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    INSERT,
    DELETE,
    DELETE_OF_PRINCIPAL,
    DELETE_OF_POLICY,
    DELETE_OF_ACCOUNT,
    LIST,
    LIST_BINDING,
    HOLDING_USERS,
    HOLDING_GROUPS,
    COUNT,
];

/// Whom a policy is attached to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Holder {
    User(UserId),
    Group(GroupId),
}

impl Holder {
    fn text(self) -> String {
        match self {
            Self::User(id) => id.to_string(),
            Self::Group(id) => id.to_string(),
        }
    }
}

/// A policy that somebody has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attached {
    pub policy_id: String,
    /// The user or group that has it.
    pub principal_id: String,
    pub attached_at: Timestamp,
    /// Name and document of one that the account has written; none for a managed one.
    pub custom: Option<(String, String)>,
}

fn decode(row: &Row) -> Result<Attached, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(Attached {
        policy_id: columns.text("policy_id")?,
        principal_id: columns.text("principal_id")?,
        attached_at: columns.instant("attached_at")?,
        custom: columns.opt_text("name")?.zip(columns.opt_text("document")?),
    })
}

/// False when it is attached already.
pub async fn insert(
    w: &mut Writer,
    account: &AccountId,
    (holder, policy): (Holder, &str),
    now: Timestamp,
) -> Result<bool, StorageError> {
    let holder = holder.text();
    let args = [
        holder.as_str().into(),
        policy.into(),
        account.as_str().into(),
        now.into(),
    ];
    Ok(w.execute(INSERT, &args).await? == 1)
}

/// False when it was not attached.
pub async fn delete(w: &mut Writer, holder: Holder, policy: &str) -> Result<bool, StorageError> {
    let holder = holder.text();
    Ok(w.execute(DELETE, &[holder.as_str().into(), policy.into()])
        .await?
        == 1)
}

pub async fn delete_of(w: &mut Writer, holder: Holder) -> Result<u64, StorageError> {
    let holder = holder.text();
    w.execute(DELETE_OF_PRINCIPAL, &[holder.as_str().into()]).await
}

pub async fn delete_of_policy(
    w: &mut Writer,
    account: &AccountId,
    policy: &str,
) -> Result<u64, StorageError> {
    let args = [account.as_str().into(), policy.into()];
    w.execute(DELETE_OF_POLICY, &args).await
}

pub async fn delete_of_account(w: &mut Writer, account: &AccountId) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_ACCOUNT, &[account.as_str().into()]).await
}

/// What the user or group itself has, in the order in which it came.
pub async fn list(q: &mut impl Query, holder: Holder) -> Result<Vec<Attached>, StorageError> {
    let holder = holder.text();
    let rows = q.fetch_all(LIST, &[holder.as_str().into()]).await?;
    rows.iter().map(decode).collect()
}

/// Everything that says what the user may do: their own policies and those of their groups.
pub async fn list_binding(q: &mut impl Query, user: UserId) -> Result<Vec<Attached>, StorageError> {
    let user = user.to_string();
    let rows = q.fetch_all(LIST_BINDING, &[user.as_str().into()]).await?;
    rows.iter().map(decode).collect()
}

/// Who has the policy, with their names.
pub async fn holders(
    q: &mut impl Query,
    account: &AccountId,
    policy: &str,
) -> Result<Vec<(Holder, String)>, StorageError> {
    let args = [account.as_str().into(), policy.into()];
    let mut holders = Vec::new();
    for row in q.fetch_all(HOLDING_USERS, &args).await? {
        let columns = Columns::new("iam_users", &row);
        holders.push((Holder::User(columns.parsed("id")?), columns.text("name")?));
    }
    for row in q.fetch_all(HOLDING_GROUPS, &args).await? {
        let columns = Columns::new("iam_groups", &row);
        holders.push((Holder::Group(columns.parsed("id")?), columns.text("name")?));
    }
    Ok(holders)
}

pub async fn count(q: &mut impl Query, holder: Holder) -> Result<u64, StorageError> {
    let holder = holder.text();
    q.fetch_one(COUNT, &[holder.as_str().into()]).await?.count()
}
