//! The `github_installations` and `github_installation_users` tables.

use model::github_app::{Installation, InstallationId, LinkedInstallation, RepositorySelection};
use model::{Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "github_installations";

const LIST: &str = "SELECT i.installation_id, i.account_id, i.account, i.repository_selection, i.installed_by, i.suspended_at, u.active_since, u.linked_at FROM github_installation_users u JOIN github_installations i ON i.installation_id = u.installation_id WHERE u.user_id = $1 ORDER BY u.linked_at, i.installation_id LIMIT 1000";
const FIND: &str = "SELECT i.installation_id, i.account_id, i.account, i.repository_selection, i.installed_by, i.suspended_at, u.active_since, u.linked_at FROM github_installation_users u JOIN github_installations i ON i.installation_id = u.installation_id WHERE u.user_id = $1 AND u.installation_id = $2";
const PUT: &str = "INSERT INTO github_installations (installation_id, account_id, account, repository_selection, installed_by, suspended_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (installation_id) DO UPDATE SET account_id = excluded.account_id, account = excluded.account, repository_selection = excluded.repository_selection, installed_by = COALESCE(excluded.installed_by, github_installations.installed_by), suspended_at = excluded.suspended_at, updated_at = excluded.updated_at";
const SUSPEND: &str =
    "UPDATE github_installations SET suspended_at = $2, updated_at = $3 WHERE installation_id = $1";
const SELECT_REPOSITORIES: &str =
    "UPDATE github_installations SET repository_selection = $2, updated_at = $3 WHERE installation_id = $1";
const DELETE: &str = "DELETE FROM github_installations WHERE installation_id = $1";
const LINK: &str = "INSERT INTO github_installation_users (installation_id, user_id, active_since, linked_at) VALUES ($1, $2, $3, $4) ON CONFLICT (installation_id, user_id) DO NOTHING";
const ACTIVATE: &str = "UPDATE github_installation_users SET active_since = CASE WHEN installation_id = $2 THEN CAST($3 AS BIGINT) ELSE NULL END WHERE user_id = $1";
const UNLINK: &str = "DELETE FROM github_installation_users WHERE user_id = $1 AND installation_id = $2";
const UNLINK_ALL: &str = "DELETE FROM github_installation_users WHERE installation_id = $1";
const COUNT_USERS: &str = "SELECT count(*) AS n FROM github_installation_users WHERE installation_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    LIST,
    FIND,
    PUT,
    SUSPEND,
    SELECT_REPOSITORIES,
    DELETE,
    LINK,
    ACTIVATE,
    UNLINK,
    UNLINK_ALL,
    COUNT_USERS,
];

/// Without its repositories.
fn decode(row: &Row) -> Result<LinkedInstallation, StorageError> {
    let columns = Columns::new(TABLE, row);
    let selection = columns.text("repository_selection")?;
    Ok(LinkedInstallation {
        installation: Installation {
            id: columns.int("installation_id")?,
            account_id: columns.int("account_id")?,
            account: columns.text("account")?,
            selection: RepositorySelection::parse(&selection)
                .ok_or_else(|| columns.corrupt("repository_selection"))?,
            suspended_at: columns.opt_instant("suspended_at")?,
        },
        installed_by: row.opt_int("installed_by")?,
        active_since: columns.opt_instant("active_since")?,
        linked_at: columns.instant("linked_at")?,
        repositories: Vec::new(),
    })
}

/// The user's, oldest first, without their repositories.
pub async fn list(q: &mut impl Query, user: UserId) -> Result<Vec<LinkedInstallation>, StorageError> {
    let rows = q.fetch_all(LIST, &[user.to_string().as_str().into()]).await?;
    rows.iter().map(decode).collect()
}

/// The user's of this number, without its repositories.
pub async fn find(
    q: &mut impl Query,
    user: UserId,
    id: InstallationId,
) -> Result<Option<LinkedInstallation>, StorageError> {
    let user = user.to_string();
    let row = q.fetch_optional(FIND, &[user.as_str().into(), id.into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

/// As GitHub tells now. Who installed it is kept when it is not told again.
pub async fn put(
    w: &mut Writer,
    installation: &Installation,
    installed_by: Option<i64>,
    now: Timestamp,
) -> Result<(), StorageError> {
    let args = [
        installation.id.into(),
        installation.account_id.into(),
        installation.account.as_str().into(),
        installation.selection.as_str().into(),
        installed_by.into(),
        installation.suspended_at.into(),
        now.into(),
    ];
    w.execute(PUT, &args).await.map(drop)
}

/// Suspends it, or lets it go on; nothing happens to an unknown one.
pub async fn suspend(
    w: &mut Writer,
    id: InstallationId,
    suspended_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), StorageError> {
    w.execute(SUSPEND, &[id.into(), suspended_at.into(), now.into()])
        .await
        .map(drop)
}

/// False when it is not known.
pub async fn select_repositories(
    w: &mut Writer,
    id: InstallationId,
    selection: RepositorySelection,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let args = [id.into(), selection.as_str().into(), now.into()];
    Ok(w.execute(SELECT_REPOSITORIES, &args).await? == 1)
}

/// Forgets it with its users and repositories; false when it was not known.
pub async fn delete(w: &mut Writer, id: InstallationId) -> Result<bool, StorageError> {
    crate::github_repositories::delete_of_installation(w, id).await?;
    w.execute(UNLINK_ALL, &[id.into()]).await?;
    Ok(w.execute(DELETE, &[id.into()]).await? == 1)
}

/// False when it was linked before.
pub async fn link(
    w: &mut Writer,
    user: UserId,
    id: InstallationId,
    (active_since, now): (Option<Timestamp>, Timestamp),
) -> Result<bool, StorageError> {
    let user = user.to_string();
    let args = [id.into(), user.as_str().into(), active_since.into(), now.into()];
    Ok(w.execute(LINK, &args).await? == 1)
}

/// Makes this one the active one of the user's.
pub async fn activate(
    w: &mut Writer,
    user: UserId,
    id: InstallationId,
    now: Timestamp,
) -> Result<(), StorageError> {
    let user = user.to_string();
    w.execute(ACTIVATE, &[user.as_str().into(), id.into(), now.into()])
        .await
        .map(drop)
}

/// False when it was not linked.
pub async fn unlink(w: &mut Writer, user: UserId, id: InstallationId) -> Result<bool, StorageError> {
    let user = user.to_string();
    Ok(w.execute(UNLINK, &[user.as_str().into(), id.into()]).await? == 1)
}

/// Unlinks all of the user's, and forgets those that nobody else has.
pub async fn delete_of_user(w: &mut Writer, user: UserId) -> Result<(), StorageError> {
    for linked in list(w, user).await? {
        let id = linked.installation.id;
        unlink(w, user, id).await?;
        if w.fetch_one(COUNT_USERS, &[id.into()]).await?.int("n")? == 0 {
            delete(w, id).await?;
        }
    }
    Ok(())
}
