//! The `github_repositories` table.

use model::github_app::{InstallationId, Repository};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "github_repositories";

const LIST: &str = "SELECT repository_id, full_name, private FROM github_repositories WHERE installation_id = $1 ORDER BY full_name, repository_id LIMIT 5000";
const PUT: &str = "INSERT INTO github_repositories (installation_id, repository_id, full_name, private) VALUES ($1, $2, $3, $4) ON CONFLICT (installation_id, repository_id) DO UPDATE SET full_name = excluded.full_name, private = excluded.private";
const DELETE: &str = "DELETE FROM github_repositories WHERE installation_id = $1 AND repository_id = $2";
const DELETE_OF_INSTALLATION: &str = "DELETE FROM github_repositories WHERE installation_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[LIST, PUT, DELETE, DELETE_OF_INSTALLATION];

fn decode(row: &Row) -> Result<Repository, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(Repository {
        id: columns.int("repository_id")?,
        full_name: columns.text("full_name")?,
        private: columns.int("private")? != 0,
    })
}

pub async fn list(q: &mut impl Query, id: InstallationId) -> Result<Vec<Repository>, StorageError> {
    let rows = q.fetch_all(LIST, &[id.into()]).await?;
    rows.iter().map(decode).collect()
}

/// Adds it, or takes its new name.
pub async fn put(w: &mut Writer, id: InstallationId, repository: &Repository) -> Result<(), StorageError> {
    let args = [
        id.into(),
        repository.id.into(),
        repository.full_name.as_str().into(),
        i64::from(repository.private).into(),
    ];
    w.execute(PUT, &args).await.map(drop)
}

pub async fn delete(w: &mut Writer, id: InstallationId, repository: i64) -> Result<(), StorageError> {
    w.execute(DELETE, &[id.into(), repository.into()]).await.map(drop)
}

pub async fn delete_of_installation(w: &mut Writer, id: InstallationId) -> Result<(), StorageError> {
    w.execute(DELETE_OF_INSTALLATION, &[id.into()]).await.map(drop)
}
