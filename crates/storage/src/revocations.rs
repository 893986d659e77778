//! The revocation log: `revocation_head` and `revocations`.
//! Refuses gaps: the position comes from the one counter row, inside the transaction that ends the credential.

use model::revocation::{Revocation, RevocationTarget};
use model::{ClientId, GrantId, SessionId, Timestamp, UserId};
use oauth::revocations::{RevocationEvent, RevocationKind};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const HEAD: &str = "SELECT position FROM revocation_head WHERE id = 1";
const ADVANCE: &str = "UPDATE revocation_head SET position = position + 1 WHERE id = 1 RETURNING position";
const INSERT: &str = "INSERT INTO revocations (position, kind, target, issued_before, until, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
const LIST_AFTER: &str = "SELECT position, kind, target, issued_before, until FROM revocations WHERE position > $1 ORDER BY position LIMIT $2";
const LIST_LIVE: &str = "SELECT position, kind, target, issued_before, until FROM revocations WHERE until > $1 AND position > $2 ORDER BY position LIMIT $3";
const STANDING: &str = "SELECT position, CASE WHEN EXISTS (SELECT 1 FROM revocations r WHERE (r.kind = 'token' AND r.target = $1) OR (r.kind = 'session' AND r.target = $2) OR (r.kind = 'grant' AND r.target = $3) OR (r.kind = 'subject' AND r.target = $4 AND (r.issued_before IS NULL OR r.issued_before >= $6)) OR (r.kind = 'client' AND r.target = $5 AND (r.issued_before IS NULL OR r.issued_before >= $6))) THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS killed FROM revocation_head WHERE id = 1";
const DELETE_FORGOTTEN: &str = "DELETE FROM revocations WHERE until < $1";

pub(crate) const STATEMENTS: &[&str] = &[
    HEAD,
    ADVANCE,
    INSERT,
    LIST_AFTER,
    LIST_LIVE,
    STANDING,
    DELETE_FORGOTTEN,
];

/// What a credential hangs on: the end of any of these ends it.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    /// `jti`.
    pub token: &'a str,
    pub session: Option<SessionId>,
    pub grant: Option<GrantId>,
    pub subject: Option<UserId>,
    pub client: &'a ClientId,
    /// Second precision, as the token says it.
    pub issued_at: Timestamp,
}

/// The answer read from one snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Position of the log in that snapshot.
    pub position: i64,
    pub killed: bool,
}

/// The position of the last revocation; 0 before the first.
pub async fn head(q: &mut impl Query) -> Result<i64, StorageError> {
    q.fetch_one(HEAD, &[]).await?.int("position")
}

/// Writes one revocation and returns its position. Take it as the last step of a transaction: on PostgreSQL the counter
/// row stays locked until commit.
pub async fn append(w: &mut Writer, revocation: &Revocation, now: Timestamp) -> Result<i64, StorageError> {
    let position = w.fetch_one(ADVANCE, &[]).await?.int("position")?;
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
    Ok(position)
}

fn parts(target: &RevocationTarget) -> (&'static str, String, Option<Timestamp>) {
    match target {
        RevocationTarget::Token(id) => ("token", id.to_string(), None),
        RevocationTarget::Session(id) => ("session", id.to_string(), None),
        RevocationTarget::Grant(id) => ("grant", id.to_string(), None),
        RevocationTarget::Subject(id, before) => ("subject", id.to_string(), Some(*before)),
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

/// Up to `limit` events after position `after` that still matter at `now`, in order.
pub async fn list_live(
    q: &mut impl Query,
    now: Timestamp,
    after: i64,
    limit: i64,
) -> Result<Vec<RevocationEvent>, StorageError> {
    q.fetch_all(LIST_LIVE, &[now.into(), after.into(), limit.into()])
        .await?
        .iter()
        .map(decode)
        .collect()
}

/// Whether anything the credential hangs on was ended, and the position this was read at: one statement, one snapshot.
pub async fn standing(q: &mut impl Query, of: &Standing<'_>) -> Result<Verdict, StorageError> {
    let (session, grant) = (
        of.session.map(|id| id.to_string()),
        of.grant.map(|id| id.to_string()),
    );
    let subject = of.subject.map(|id| id.to_string());
    let args = [
        of.token.into(),
        session.as_deref().into(),
        grant.as_deref().into(),
        subject.as_deref().into(),
        of.client.as_str().into(),
        of.issued_at.into(),
    ];
    let row = q.fetch_one(STANDING, &args).await?;
    Ok(Verdict {
        position: row.int("position")?,
        killed: row.int("killed")? != 0,
    })
}

pub async fn delete_forgotten(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_FORGOTTEN, &[before.into()]).await
}
