//! The `audit_events` table.
//! Refuses updates: there is no statement that changes or removes an event.

use model::audit::AuditEvent;

use crate::{Perform, Query, Row, StorageError};

const INSERT: &str = "INSERT INTO audit_events (id, at, actor_kind, actor_id, action, target, detail, address, user_agent, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const LIST_RECENT: &str = "SELECT id, at, actor_kind, actor_id, action, target, detail, address, user_agent, request_id FROM audit_events ORDER BY at DESC, id DESC LIMIT $1";

pub(crate) const STATEMENTS: &[&str] = &[INSERT, LIST_RECENT];

pub async fn insert(w: &mut impl Perform, event: &AuditEvent) -> Result<(), StorageError> {
    let (id, actor, detail) = (event.id.to_string(), event.actor.id(), event.detail.to_string());
    let address = event.origin.address.map(|address| address.to_string());
    let args = [
        id.as_str().into(),
        event.at.into(),
        event.actor.kind().into(),
        actor.as_deref().into(),
        event.action.into(),
        event.target.as_deref().into(),
        detail.as_str().into(),
        address.as_deref().into(),
        event.origin.user_agent.as_deref().into(),
        event.origin.request_id.as_deref().into(),
    ];
    w.perform(INSERT, &args).await
}

/// An event as stored, for reading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredEvent {
    pub id: String,
    pub at: model::Timestamp,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub action: String,
    pub target: Option<String>,
    pub detail: serde_json::Value,
}

/// The latest `limit` events, newest first.
pub async fn list_recent(q: &mut impl Query, limit: i64) -> Result<Vec<StoredEvent>, StorageError> {
    q.fetch_all(LIST_RECENT, &[limit.into()])
        .await?
        .iter()
        .map(decode)
        .collect()
}

fn decode(row: &Row) -> Result<StoredEvent, StorageError> {
    let columns = crate::decode::Columns::new("audit_events", row);
    Ok(StoredEvent {
        id: columns.text("id")?,
        at: columns.instant("at")?,
        actor_kind: columns.text("actor_kind")?,
        actor_id: columns.opt_text("actor_id")?,
        action: columns.text("action")?,
        target: columns.opt_text("target")?,
        detail: columns.json("detail")?,
    })
}
