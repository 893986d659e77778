//! Looking for audit events: of everybody, filtered, newest first.
//! Refuses to look through the whole table: one search looks at so many events and says how far it came.

use model::Timestamp;

use crate::audit::{StoredEvent, decode};
use crate::{Query, StorageError};

/// Events that one search without a subject looks at.
pub const LOOKED_AT: i64 = 20_000;

const FIND: &str = "SELECT id, at, actor_kind, actor_id, action, target, detail, address, user_agent, request_id FROM audit_events WHERE id = $1";
const OF_ALL: &str = "SELECT id, at, actor_kind, actor_id, action, target, detail, address, user_agent, request_id FROM (SELECT id, at, actor_kind, actor_id, action, target, detail, address, user_agent, request_id FROM audit_events WHERE (at < $1 OR (at = $1 AND id < $2)) AND at >= $3 ORDER BY at DESC, id DESC LIMIT $4) latest WHERE substr(action, 1, length($5)) = $5 AND ($6 = '' OR address = $6) ORDER BY at DESC, id DESC LIMIT $7";
const OF_SUBJECT: &str = "SELECT id, at, actor_kind, actor_id, action, target, detail, address, user_agent, request_id FROM audit_events WHERE (actor_id = $1 OR target = $1) AND (at < $2 OR (at = $2 AND id < $3)) AND at >= $4 AND substr(action, 1, length($5)) = $5 AND ($6 = '' OR address = $6) ORDER BY at DESC, id DESC LIMIT $7";
const END_OF_LOOK: &str = "SELECT id, at, actor_kind, actor_id, action, target, detail, address, user_agent, request_id FROM audit_events WHERE (at < $1 OR (at = $1 AND id < $2)) AND at >= $3 ORDER BY at DESC, id DESC LIMIT 1 OFFSET $4";

pub(crate) const STATEMENTS: &[&str] = &[FIND, OF_ALL, OF_SUBJECT, END_OF_LOOK];

/// What is looked for; blank texts and the earliest moment stand for anything.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Who did it, or to whom it was done: an id.
    pub subject: String,
    /// How the action begins.
    pub action: String,
    pub address: String,
    pub since: Timestamp,
}

pub async fn find(q: &mut impl Query, id: &str) -> Result<Option<StoredEvent>, StorageError> {
    let row = q.fetch_optional(FIND, &[id.into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

/// Up to `limit` events before the event `(at, id)`, newest first. Without a subject only the next [`LOOKED_AT`] events are
/// looked at.
pub async fn search(
    q: &mut impl Query,
    wanted: &Wanted,
    (at, id): (Timestamp, &str),
    limit: i64,
) -> Result<Vec<StoredEvent>, StorageError> {
    let (subject, action) = (wanted.subject.as_str(), wanted.action.as_str());
    let rows = if subject.is_empty() {
        let args = [
            at.into(),
            id.into(),
            wanted.since.into(),
            LOOKED_AT.into(),
            action.into(),
            wanted.address.as_str().into(),
            limit.into(),
        ];
        q.fetch_all(OF_ALL, &args).await?
    } else {
        let args = [
            subject.into(),
            at.into(),
            id.into(),
            wanted.since.into(),
            action.into(),
            wanted.address.as_str().into(),
            limit.into(),
        ];
        q.fetch_all(OF_SUBJECT, &args).await?
    };
    rows.iter().map(decode).collect()
}

/// The last of the events that a search without a subject looks at, when there are more.
pub async fn end_of_look(
    q: &mut impl Query,
    (at, id): (Timestamp, &str),
    since: Timestamp,
) -> Result<Option<StoredEvent>, StorageError> {
    let args = [at.into(), id.into(), since.into(), LOOKED_AT.into()];
    let row = q.fetch_optional(END_OF_LOOK, &args).await?;
    row.map(|row| decode(&row)).transpose()
}
