//! The `clients` and `client_secrets` tables.
//! Refuses to find a client that is shut; administrators look in `client_directory`.

use model::client::{Client, ClientSecret, ClientSource};
use model::{ClientId, SecretDigest, Timestamp};

use crate::decode::{Columns, to_json};
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "clients";

const FIND: &str = "SELECT id, name, source, settings, created_at, updated_at, deleted_at FROM clients WHERE id = $1 AND deleted_at IS NULL AND disabled_at IS NULL";
const LIST: &str = "SELECT id, name, source, settings, created_at, updated_at, deleted_at FROM clients WHERE deleted_at IS NULL AND id > $1 ORDER BY id LIMIT $2";
const UPSERT: &str = "INSERT INTO clients (id, name, source, settings, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (id) DO UPDATE SET name = excluded.name, source = excluded.source, settings = excluded.settings, updated_at = excluded.updated_at, deleted_at = NULL";
const INSERT: &str = "INSERT INTO clients (id, name, source, settings, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)";
const DELETE: &str =
    "UPDATE clients SET deleted_at = $2, updated_at = $2 WHERE id = $1 AND deleted_at IS NULL";
const LIST_UNUSED: &str = "SELECT id FROM clients WHERE source IN ('registered', 'document') AND deleted_at IS NULL AND updated_at < $1 AND NOT EXISTS (SELECT 1 FROM grants WHERE grants.client_id = clients.id) ORDER BY updated_at LIMIT $2";
const LIST_SECRETS: &str = "SELECT digest, client_id, created_at, expires_at FROM client_secrets WHERE client_id = $1 AND (expires_at IS NULL OR expires_at > $2) ORDER BY created_at DESC LIMIT 10";
const INSERT_SECRET: &str = "INSERT INTO client_secrets (digest, client_id, created_at) VALUES ($1, $2, $3) ON CONFLICT (client_id, digest) DO UPDATE SET created_at = excluded.created_at, expires_at = NULL";
const EXPIRE_SECRETS: &str = "UPDATE client_secrets SET expires_at = $3 WHERE client_id = $1 AND digest <> $2 AND (expires_at IS NULL OR expires_at > $3)";
const DELETE_SECRETS: &str = "DELETE FROM client_secrets WHERE client_id = $1";
const COUNT_CHANGE: &str = "UPDATE client_changes SET version = version + 1 WHERE id = 1";
const COUNT: &str =
    "SELECT count(*) AS n FROM (SELECT 1 AS one FROM clients WHERE deleted_at IS NULL LIMIT $1) some_clients";

pub(crate) const STATEMENTS: &[&str] = &[
    COUNT,
    FIND,
    LIST,
    UPSERT,
    INSERT,
    DELETE,
    LIST_UNUSED,
    LIST_SECRETS,
    INSERT_SECRET,
    EXPIRE_SECRETS,
    DELETE_SECRETS,
    COUNT_CHANGE,
];

pub(crate) fn decode(row: &Row) -> Result<Client, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(Client {
        id: columns.parsed("id")?,
        name: columns.text("name")?,
        source: ClientSource::parse(&columns.text("source")?).ok_or_else(|| columns.corrupt("source"))?,
        settings: columns.json("settings")?,
        created_at: columns.instant("created_at")?,
        updated_at: columns.instant("updated_at")?,
        deleted_at: columns.opt_instant("deleted_at")?,
    })
}

/// A client that was neither deleted nor shut.
pub async fn find(q: &mut impl Query, id: &ClientId) -> Result<Option<Client>, StorageError> {
    q.fetch_optional(FIND, &[id.as_str().into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// Up to `limit` clients with ids after `after`, by id.
pub async fn list(q: &mut impl Query, after: &str, limit: i64) -> Result<Vec<Client>, StorageError> {
    let rows = q.fetch_all(LIST, &[after.into(), limit.into()]).await?;
    rows.iter().map(decode).collect()
}

/// How many there are, counted up to `most`.
pub async fn count(q: &mut impl Query, most: i64) -> Result<i64, StorageError> {
    q.fetch_one(COUNT, &[most.into()]).await?.int("n")
}

async fn store(w: &mut Writer, sql: &'static str, client: &Client) -> Result<(), StorageError> {
    let settings = to_json(TABLE, "settings", &client.settings)?;
    let args = [
        client.id.as_str().into(),
        client.name.as_str().into(),
        client.source.as_str().into(),
        settings.as_str().into(),
        client.updated_at.into(),
    ];
    w.execute(sql, &args).await?;
    count_change(w).await
}

/// Makes everyone who remembers clients read them again.
pub(crate) async fn count_change(w: &mut Writer) -> Result<(), StorageError> {
    w.execute(COUNT_CHANGE, &[]).await.map(drop)
}

/// # Errors
/// [`StorageError::UniqueViolation`] when the id is taken, also by a deleted client: ids are never reused.
pub async fn insert(w: &mut Writer, client: &Client) -> Result<(), StorageError> {
    store(w, INSERT, client).await
}

/// Inserts or replaces; for clients of the configuration file.
pub async fn upsert(w: &mut Writer, client: &Client) -> Result<(), StorageError> {
    store(w, UPSERT, client).await
}

/// False when there was none.
pub async fn delete(w: &mut Writer, id: &ClientId, now: Timestamp) -> Result<bool, StorageError> {
    w.execute(DELETE_SECRETS, &[id.as_str().into()]).await?;
    count_change(w).await?;
    Ok(w.execute(DELETE, &[id.as_str().into(), now.into()]).await? == 1)
}

/// Clients that nobody knew when they came, unchanged since `before` and without a grant.
pub async fn list_unused(
    q: &mut impl Query,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<ClientId>, StorageError> {
    let rows = q.fetch_all(LIST_UNUSED, &[before.into(), limit.into()]).await?;
    rows.iter()
        .map(|row| Columns::new(TABLE, row).parsed("id"))
        .collect()
}

/// Secrets that are taken at `now`, newest first, at most ten.
pub async fn list_secrets(
    q: &mut impl Query,
    id: &ClientId,
    now: Timestamp,
) -> Result<Vec<ClientSecret>, StorageError> {
    let rows = q
        .fetch_all(LIST_SECRETS, &[id.as_str().into(), now.into()])
        .await?;
    rows.iter()
        .map(|row| {
            let columns = Columns::new("client_secrets", row);
            Ok(ClientSecret {
                digest: columns.digest("digest")?,
                client_id: columns.parsed("client_id")?,
                created_at: columns.instant("created_at")?,
                expires_at: columns.opt_instant("expires_at")?,
            })
        })
        .collect()
}

/// Adds a secret and lets all others live until `others_until`.
pub async fn replace_secret(
    w: &mut Writer,
    id: &ClientId,
    digest: &SecretDigest,
    now: Timestamp,
    others_until: Timestamp,
) -> Result<(), StorageError> {
    w.execute(
        INSERT_SECRET,
        &[digest.as_bytes().into(), id.as_str().into(), now.into()],
    )
    .await?;
    w.execute(
        EXPIRE_SECRETS,
        &[id.as_str().into(), digest.as_bytes().into(), others_until.into()],
    )
    .await?;
    count_change(w).await
}
