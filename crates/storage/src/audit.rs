//! The `audit_events` table.
//! Refuses to remove events, and to change anything in them but to take out what is personal about an erased user.

use model::audit::AuditEvent;
use model::{Timestamp, UserId};

use crate::{Perform, Query, Row, StorageError, Writer};

const INSERT: &str = "INSERT INTO audit_events (id, at, actor_kind, actor_id, action, target, detail, address, user_agent, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const LIST_RECENT: &str = "SELECT id, at, actor_kind, actor_id, action, target, detail, address, user_agent, request_id FROM audit_events ORDER BY at DESC, id DESC LIMIT $1";
const LIST_OF_USER: &str = "SELECT id, at, actor_kind, actor_id, action, target, detail, address, user_agent, request_id FROM audit_events WHERE (actor_id = $1 OR target = $1 OR target = $2) AND (at < $3 OR (at = $3 AND id < $4)) ORDER BY at DESC, id DESC LIMIT $5";
const ANONYMISE: &str = "UPDATE audit_events SET address = NULL, user_agent = NULL, detail = CASE WHEN action LIKE 'user.%' OR action LIKE 'account.%' THEN '{}' ELSE detail END WHERE actor_id = $1 OR target = $1 OR target = $2";

pub(crate) const STATEMENTS: &[&str] = &[INSERT, LIST_RECENT, LIST_OF_USER, ANONYMISE];

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
    pub at: Timestamp,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub action: String,
    pub target: Option<String>,
    pub detail: serde_json::Value,
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

/// The latest `limit` events, newest first.
pub async fn list_recent(q: &mut impl Query, limit: i64) -> Result<Vec<StoredEvent>, StorageError> {
    q.fetch_all(LIST_RECENT, &[limit.into()])
        .await?
        .iter()
        .map(decode)
        .collect()
}

pub(crate) fn decode(row: &Row) -> Result<StoredEvent, StorageError> {
    let columns = crate::decode::Columns::new("audit_events", row);
    Ok(StoredEvent {
        id: columns.text("id")?,
        at: columns.instant("at")?,
        actor_kind: columns.text("actor_kind")?,
        actor_id: columns.opt_text("actor_id")?,
        action: columns.text("action")?,
        target: columns.opt_text("target")?,
        detail: columns.json("detail")?,
        address: columns.opt_text("address")?,
        user_agent: columns.opt_text("user_agent")?,
    })
}

/// What the user did and what was done to them, newest first, before the event `(at, id)`.
pub async fn list_of_user(
    q: &mut impl Query,
    user: UserId,
    (at, id): (Timestamp, &str),
    limit: i64,
) -> Result<Vec<StoredEvent>, StorageError> {
    let (user, account) = subjects(user);
    let args = [
        user.as_str().into(),
        account.as_str().into(),
        at.into(),
        id.into(),
        limit.into(),
    ];
    q.fetch_all(LIST_OF_USER, &args)
        .await?
        .iter()
        .map(decode)
        .collect()
}

/// Takes addresses, programs and names out of the events of an erased user; that they happened stays.
pub async fn anonymise(w: &mut Writer, user: UserId) -> Result<u64, StorageError> {
    let (user, account) = subjects(user);
    w.execute(ANONYMISE, &[user.as_str().into(), account.as_str().into()])
        .await
}

/// How events name a user: by the id, and as what attempts are counted on.
fn subjects(user: UserId) -> (String, String) {
    (user.to_string(), format!("account:{user}"))
}
