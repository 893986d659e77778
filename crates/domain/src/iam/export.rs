//! What an account has written about who may do what, for its root user to take along.
//! Refuses secrets: no hash and no key is in it.

use model::UserId;
use model::iam::AccountId;
use serde_json::{Value, json};
use storage::iam_attachments::Holder;
use storage::{Reader, StorageError};

use crate::authority::Authority;
use crate::fault::Fault;

const AT_ONCE: i64 = 500;

impl Authority {
    /// The users, groups and policies of the account whose root user this is.
    pub(crate) async fn export_iam(&self, root: UserId) -> Result<Value, Fault> {
        let mut reader = self.database.read().await?;
        let Some(account) = storage::accounts::find_of_root(&mut reader, root).await? else {
            return Ok(Value::Null);
        };
        Ok(json!({
            "account_id": account,
            "users": users(&mut reader, &account).await?,
            "groups": groups(&mut reader, &account).await?,
            "policies": policies(&mut reader, &account).await?,
        }))
    }
}

async fn users(reader: &mut Reader, account: &AccountId) -> Result<Vec<Value>, StorageError> {
    let mut told = Vec::new();
    loop {
        let skip = i64::try_from(told.len()).unwrap_or(i64::MAX);
        let some = storage::iam_users::list(reader, account, (skip, AT_ONCE)).await?;
        if some.is_empty() {
            return Ok(told);
        }
        for user in some {
            let groups = storage::iam_groups::list_of_user(reader, user.id).await?;
            told.push(json!({
                "username": user.name,
                "created_at": user.created_at.to_string(),
                "password_set_at": user.password_set_at.map(|at| at.to_string()),
                "groups": groups.into_iter().map(|group| group.name).collect::<Vec<_>>(),
                "policies": attached(reader, Holder::User(user.id)).await?,
            }));
        }
    }
}

async fn groups(reader: &mut Reader, account: &AccountId) -> Result<Vec<Value>, StorageError> {
    let mut told = Vec::new();
    loop {
        let skip = i64::try_from(told.len()).unwrap_or(i64::MAX);
        let some = storage::iam_groups::list(reader, account, (AT_ONCE, skip)).await?;
        if some.is_empty() {
            return Ok(told);
        }
        for group in some {
            told.push(json!({
                "name": group.name,
                "created_at": group.created_at.to_string(),
                "policies": attached(reader, Holder::Group(group.id)).await?,
            }));
        }
    }
}

async fn policies(reader: &mut Reader, account: &AccountId) -> Result<Vec<Value>, StorageError> {
    let mut told = Vec::new();
    loop {
        let skip = i64::try_from(told.len()).unwrap_or(i64::MAX);
        let some = storage::iam_policies::list(reader, account, (AT_ONCE, skip)).await?;
        if some.is_empty() {
            return Ok(told);
        }
        told.extend(some.into_iter().map(|policy| {
            json!({
                "id": policy.id,
                "name": policy.name,
                "description": policy.description,
                "document": policy.document,
                "created_at": policy.created_at.to_string(),
            })
        }));
    }
}

async fn attached(reader: &mut Reader, holder: Holder) -> Result<Vec<String>, StorageError> {
    let attached = storage::iam_attachments::list(reader, holder).await?;
    Ok(attached.into_iter().map(|one| one.policy_id).collect())
}
