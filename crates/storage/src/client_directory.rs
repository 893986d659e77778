//! Clients as administrators look for them: also those that are shut, which nobody else finds.
//! Refuses to be asked on behalf of a client: what it may do is decided by `clients`.

use model::client::Client;
use model::{ClientId, Timestamp};

use crate::clients::{count_change, decode};
use crate::decode::{Columns, to_json};
use crate::{Query, Row, StorageError, Writer};

const FIND: &str = "SELECT id, name, source, settings, created_at, updated_at, deleted_at, disabled_at FROM clients WHERE id = $1 AND deleted_at IS NULL";
// Clients are few, and whoever looks is an administrator: the table is read in the order of its key.
const SEARCH: &str = "SELECT id, name, source, settings, created_at, updated_at, deleted_at, disabled_at FROM clients WHERE deleted_at IS NULL AND ($1 = '' OR lower(id) LIKE $2 ESCAPE '!' OR lower(name) LIKE $2 ESCAPE '!') AND ($3 = '' OR source = $3) ORDER BY id LIMIT $4 OFFSET $5";
const DISABLE: &str = "UPDATE clients SET disabled_at = $2, updated_at = $2 WHERE id = $1 AND deleted_at IS NULL AND disabled_at IS NULL";
const ENABLE: &str = "UPDATE clients SET disabled_at = NULL, updated_at = $2 WHERE id = $1 AND deleted_at IS NULL AND disabled_at IS NOT NULL";
const UPDATE: &str = "UPDATE clients SET name = $2, settings = $3, updated_at = $4 WHERE id = $1 AND updated_at = $5 AND deleted_at IS NULL";

pub(crate) const STATEMENTS: &[&str] = &[FIND, SEARCH, DISABLE, ENABLE, UPDATE];

/// A client, and since when it is shut.
#[derive(Clone, Debug)]
pub struct ListedClient {
    pub client: Client,
    pub disabled_at: Option<Timestamp>,
}

fn listed(row: &Row) -> Result<ListedClient, StorageError> {
    Ok(ListedClient {
        client: decode(row)?,
        disabled_at: Columns::new("clients", row).opt_instant("disabled_at")?,
    })
}

/// A client that was not deleted.
pub async fn find(q: &mut impl Query, id: &ClientId) -> Result<Option<ListedClient>, StorageError> {
    let row = q.fetch_optional(FIND, &[id.as_str().into()]).await?;
    row.map(|row| listed(&row)).transpose()
}

/// Clients whose id or name contains `text`, and of this source unless it is blank; by id, after the first `skip`.
pub async fn search(
    q: &mut impl Query,
    (text, source): (&str, &str),
    (limit, skip): (i64, i64),
) -> Result<Vec<ListedClient>, StorageError> {
    let text = text.to_lowercase();
    let plain = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let pattern = format!("%{plain}%");
    let args = [
        text.as_str().into(),
        pattern.as_str().into(),
        source.into(),
        limit.into(),
        skip.into(),
    ];
    let rows = q.fetch_all(SEARCH, &args).await?;
    rows.iter().map(listed).collect()
}

/// False when it was shut before.
pub async fn disable(w: &mut Writer, id: &ClientId, now: Timestamp) -> Result<bool, StorageError> {
    switch(w, DISABLE, id, now).await
}

/// False when it was not shut.
pub async fn enable(w: &mut Writer, id: &ClientId, now: Timestamp) -> Result<bool, StorageError> {
    switch(w, ENABLE, id, now).await
}

async fn switch(
    w: &mut Writer,
    sql: &'static str,
    id: &ClientId,
    now: Timestamp,
) -> Result<bool, StorageError> {
    count_change(w).await?;
    Ok(w.execute(sql, &[id.as_str().into(), now.into()]).await? == 1)
}

/// Stores name and settings of a client that was last changed at `before`; false when another change came first.
pub async fn update(w: &mut Writer, client: &Client, before: Timestamp) -> Result<bool, StorageError> {
    let settings = to_json("clients", "settings", &client.settings)?;
    let args = [
        client.id.as_str().into(),
        client.name.as_str().into(),
        settings.as_str().into(),
        client.updated_at.into(),
        before.into(),
    ];
    count_change(w).await?;
    Ok(w.execute(UPDATE, &args).await? == 1)
}
