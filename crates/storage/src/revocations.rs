//! The revocation log: `revocation_head` and `revocations`.
//! Refuses positions out of order: each comes from the one counter row, inside the transaction that ends the credential,
//! and is at least the time in microseconds, so that a log restored from a copy never uses one again.

use model::Timestamp;
use model::revocation::{Revocation, RevocationTarget};
use oauth::revocations::{RevocationEvent, RevocationKind};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const HEAD: &str = "SELECT position FROM revocation_head WHERE id = 1";
const HEADS: &str =
    "SELECT r.position AS position, c.version AS version FROM revocation_head r CROSS JOIN client_changes c";
const ADVANCE: &str = "UPDATE revocation_head SET position = CASE WHEN position >= $1 THEN position + 1 ELSE $1 END WHERE id = 1 RETURNING position";
const INSERT: &str = "INSERT INTO revocations (position, kind, target, issued_before, until, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
const LIST_AFTER: &str = "SELECT position, kind, target, issued_before, until FROM revocations WHERE position > $1 ORDER BY position LIMIT $2";
const DELETE_FORGOTTEN: &str = "DELETE FROM revocations WHERE until < $1";

pub(crate) const STATEMENTS: &[&str] = &[HEAD, HEADS, ADVANCE, INSERT, LIST_AFTER, DELETE_FORGOTTEN];

/// The position of the last revocation; 0 before the first.
pub async fn head(q: &mut impl Query) -> Result<i64, StorageError> {
    q.fetch_one(HEAD, &[]).await?.int("position")
}

/// How far two logs have come, read from one snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Heads {
    /// Position of the last revocation; 0 before the first.
    pub revocations: i64,
    /// How often clients and their secrets have changed.
    pub clients: i64,
}

/// What has to be compared before anything remembered may be used.
pub async fn heads(q: &mut impl Query) -> Result<Heads, StorageError> {
    let row = q.fetch_one(HEADS, &[]).await?;
    Ok(Heads {
        revocations: row.int("position")?,
        clients: row.int("version")?,
    })
}

/// Writes one revocation and returns its position. Take it as the last step of a transaction: on PostgreSQL the counter
/// row stays locked until commit.
pub async fn append(w: &mut Writer, revocation: &Revocation, now: Timestamp) -> Result<i64, StorageError> {
    let position = w.fetch_one(ADVANCE, &[now.into()]).await?.int("position")?;
    let (kind, target, issued_before) = parts(&revocation.target);
    let args = [
        position.into(),
        kind.into(),
        target.as_str().into(),
        issued_before.into(),
        revocation.until.into(),
        now.into(),
    ];
    w.execute(INSERT, &args).await?;
    w.tell_replicas().await?;
    Ok(position)
}

fn parts(target: &RevocationTarget) -> (&'static str, String, Option<Timestamp>) {
    match target {
        RevocationTarget::Token(id) => ("token", id.to_string(), None),
        RevocationTarget::Session(id) => ("session", id.to_string(), None),
        RevocationTarget::Grant(id) => ("grant", id.to_string(), None),
        RevocationTarget::Key(id, before) => ("key", id.to_string(), Some(*before)),
        RevocationTarget::Subject(id, before) => ("subject", id.to_string(), Some(*before)),
        RevocationTarget::Account(id, before) => ("account", id.to_string(), Some(*before)),
        RevocationTarget::Client(id, before) => ("client", id.to_string(), Some(*before)),
    }
}

fn decode(row: &Row) -> Result<RevocationEvent, StorageError> {
    let columns = Columns::new("revocations", row);
    let kind = columns.text("kind")?;
    Ok(RevocationEvent {
        position: u64::try_from(columns.int("position")?).map_err(|_| columns.corrupt("position"))?,
        kind: RevocationKind::from_name(&kind).ok_or_else(|| columns.corrupt("kind"))?,
        id: columns.text("target")?,
        issued_before: columns.opt_instant("issued_before")?.map(Timestamp::as_micros),
        until: columns.instant("until")?.as_seconds().saturating_add(1),
    })
}

/// Up to `limit` events after position `after`, in order.
pub async fn list_after(
    q: &mut impl Query,
    after: i64,
    limit: i64,
) -> Result<Vec<RevocationEvent>, StorageError> {
    q.fetch_all(LIST_AFTER, &[after.into(), limit.into()])
        .await?
        .iter()
        .map(decode)
        .collect()
}

pub async fn delete_forgotten(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_FORGOTTEN, &[before.into()]).await
}
