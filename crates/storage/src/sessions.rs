//! The `sessions` table.

use model::authentication::Authentication;
use model::iam::AccountId;
use model::session::Session;
use model::{SecretDigest, SessionId, Timestamp, UserId};

use crate::decode::{Columns, to_json};
use crate::{Perform, Query, Row, Script, StorageError, Writer};

const TABLE: &str = "sessions";

const FIND_BY_SECRET: &str = "SELECT id, user_id, secret_digest, authenticated_at, amr, acr, address, user_agent, created_at, last_seen_at, idle_expires_at, expires_at, ended_at FROM sessions WHERE secret_digest = $1";
const FIND_BY_ID: &str = "SELECT id, user_id, secret_digest, authenticated_at, amr, acr, address, user_agent, created_at, last_seen_at, idle_expires_at, expires_at, ended_at FROM sessions WHERE id = $1";
const LIST_LIVE: &str = "SELECT id, user_id, secret_digest, authenticated_at, amr, acr, address, user_agent, created_at, last_seen_at, idle_expires_at, expires_at, ended_at FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND idle_expires_at > $2 AND expires_at > $2 ORDER BY created_at DESC LIMIT 1000";
const INSERT: &str = "INSERT INTO sessions (id, user_id, secret_digest, authenticated_at, amr, acr, address, user_agent, created_at, last_seen_at, idle_expires_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const RENEW: &str = "UPDATE sessions SET secret_digest = $2, authenticated_at = $3, amr = $4, acr = $5, address = $6, user_agent = $7, last_seen_at = $8, idle_expires_at = $9, expires_at = $10 WHERE id = $1 AND user_id = $11 AND ended_at IS NULL";
const TOUCH: &str = "UPDATE sessions SET last_seen_at = $2, idle_expires_at = $3 WHERE id = $1 AND ended_at IS NULL AND last_seen_at < $2";
const EXTEND: &str =
    "UPDATE sessions SET idle_expires_at = $2, expires_at = $3 WHERE id = $1 AND ended_at IS NULL";
const END: &str = "UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
const END_ALL_OF_USER: &str = "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL";
const END_ALL_OF_ACCOUNT: &str = "UPDATE sessions SET ended_at = $2 WHERE user_id IN (SELECT id FROM iam_users WHERE account_id = $1) AND ended_at IS NULL";
const DELETE_EXPIRED: &str = "DELETE FROM sessions WHERE expires_at < $1 AND NOT EXISTS (SELECT 1 FROM grants WHERE grants.session_id = sessions.id)";

const COUNT_OTHERS: &str = "SELECT count(*) AS n FROM sessions WHERE user_id = $1 AND id <> $2";
const FORGET_ORIGINS: &str = "UPDATE sessions SET address = NULL, user_agent = NULL WHERE user_id = $1";
const LIST_AT_ADDRESS: &str = "SELECT id, user_id, secret_digest, authenticated_at, amr, acr, address, user_agent, created_at, last_seen_at, idle_expires_at, expires_at, ended_at FROM sessions WHERE address = $1 AND ended_at IS NULL AND idle_expires_at > $2 AND expires_at > $2 ORDER BY created_at DESC LIMIT $3";
const COUNT_LIVE: &str = "SELECT count(*) AS n FROM (SELECT 1 AS one FROM sessions WHERE expires_at > $1 AND idle_expires_at > $1 AND ended_at IS NULL LIMIT $2) live";

pub(crate) const STATEMENTS: &[&str] = &[
    LIST_AT_ADDRESS,
    COUNT_LIVE,
    FIND_BY_SECRET,
    FIND_BY_ID,
    LIST_LIVE,
    INSERT,
    RENEW,
    TOUCH,
    EXTEND,
    END,
    END_ALL_OF_USER,
    END_ALL_OF_ACCOUNT,
    DELETE_EXPIRED,
    COUNT_OTHERS,
    FORGET_ORIGINS,
];

fn decode(row: &Row) -> Result<Session, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(Session {
        id: columns.parsed("id")?,
        user_id: columns.parsed("user_id")?,
        secret: columns.digest("secret_digest")?,
        authentication: authentication(&columns)?,
        address: columns.opt_text("address")?,
        user_agent: columns.opt_text("user_agent")?,
        created_at: columns.instant("created_at")?,
        last_seen_at: columns.instant("last_seen_at")?,
        idle_expires_at: columns.instant("idle_expires_at")?,
        expires_at: columns.instant("expires_at")?,
        ended_at: columns.opt_instant("ended_at")?,
    })
}

/// The columns `authenticated_at`, `amr`, `acr`, which grants carry too.
pub(crate) fn authentication(columns: &Columns<'_>) -> Result<Authentication, StorageError> {
    Ok(Authentication {
        at: columns.instant("authenticated_at")?,
        amr: columns.json("amr")?,
        acr: columns.text("acr")?,
    })
}

pub async fn find_by_secret(
    q: &mut impl Query,
    secret: &SecretDigest,
) -> Result<Option<Session>, StorageError> {
    q.fetch_optional(FIND_BY_SECRET, &[secret.as_bytes().into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

pub async fn find_by_id(q: &mut impl Query, id: SessionId) -> Result<Option<Session>, StorageError> {
    q.fetch_optional(FIND_BY_ID, &[id.to_string().as_str().into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// The user's live sessions, newest first, at most 1000.
pub async fn list_live(
    q: &mut impl Query,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<Session>, StorageError> {
    let rows = q
        .fetch_all(LIST_LIVE, &[user.to_string().as_str().into(), now.into()])
        .await?;
    rows.iter().map(decode).collect()
}

/// Live sessions that were begun or last signed in to from this address, newest first.
pub async fn list_at_address(
    q: &mut impl Query,
    address: &str,
    (now, limit): (Timestamp, i64),
) -> Result<Vec<Session>, StorageError> {
    let args = [address.into(), now.into(), limit.into()];
    let rows = q.fetch_all(LIST_AT_ADDRESS, &args).await?;
    rows.iter().map(decode).collect()
}

/// How many live at `now`, counted up to `most`.
pub async fn count_live(q: &mut impl Query, now: Timestamp, most: i64) -> Result<i64, StorageError> {
    q.fetch_one(COUNT_LIVE, &[now.into(), most.into()])
        .await?
        .int("n")
}

pub async fn insert(w: &mut Writer, session: &Session) -> Result<(), StorageError> {
    let amr = to_json(TABLE, "amr", &session.authentication.amr)?;
    w.execute(
        INSERT,
        &[
            session.id.to_string().as_str().into(),
            session.user_id.to_string().as_str().into(),
            session.secret.as_bytes().into(),
            session.authentication.at.into(),
            amr.as_str().into(),
            session.authentication.acr.as_str().into(),
            session.address.as_deref().into(),
            session.user_agent.as_deref().into(),
            session.created_at.into(),
            session.last_seen_at.into(),
            session.idle_expires_at.into(),
            session.expires_at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Stores a new sign-in of the same user in the same session: new secret, new authentication, new limits; false when the
/// session has ended.
pub async fn renew(w: &mut Writer, session: &Session) -> Result<bool, StorageError> {
    let (id, user) = (session.id.to_string(), session.user_id.to_string());
    let amr = to_json(TABLE, "amr", &session.authentication.amr)?;
    let args = [
        id.as_str().into(),
        session.secret.as_bytes().into(),
        session.authentication.at.into(),
        amr.as_str().into(),
        session.authentication.acr.as_str().into(),
        session.address.as_deref().into(),
        session.user_agent.as_deref().into(),
        session.last_seen_at.into(),
        session.idle_expires_at.into(),
        session.expires_at.into(),
        user.as_str().into(),
    ];
    Ok(w.execute(RENEW, &args).await? == 1)
}

/// Notes activity; never moves backwards and never revives an ended session.
pub async fn touch(
    w: &mut impl Perform,
    id: SessionId,
    seen: Timestamp,
    idle_expires_at: Timestamp,
) -> Result<(), StorageError> {
    w.perform(
        TOUCH,
        &[
            id.to_string().as_str().into(),
            seen.into(),
            idle_expires_at.into(),
        ],
    )
    .await
}

/// Gives a session limits of its own; the script is undone when it has ended.
pub fn extend(script: &mut Script, id: SessionId, idle_expires_at: Timestamp, expires_at: Timestamp) {
    let id = id.to_string();
    script.decide(
        EXTEND,
        &[id.as_str().into(), idle_expires_at.into(), expires_at.into()],
    );
}

/// False when it had ended before.
pub async fn end(w: &mut Writer, id: SessionId, now: Timestamp) -> Result<bool, StorageError> {
    Ok(w.execute(END, &[id.to_string().as_str().into(), now.into()])
        .await?
        == 1)
}

/// Ends the sessions of the account's IAM users.
pub async fn end_all_of_account(
    w: &mut Writer,
    account: &AccountId,
    now: Timestamp,
) -> Result<u64, StorageError> {
    w.execute(END_ALL_OF_ACCOUNT, &[account.as_str().into(), now.into()])
        .await
}

pub async fn end_all_of_user(w: &mut Writer, user: UserId, now: Timestamp) -> Result<u64, StorageError> {
    w.execute(END_ALL_OF_USER, &[user.to_string().as_str().into(), now.into()])
        .await
}

/// Sessions that expired before `before` and that no grant names any more.
pub async fn delete_expired(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[before.into()]).await
}

/// How many sessions the user has had besides this one, as far as they are remembered.
pub async fn count_others(q: &mut impl Query, user: UserId, but: SessionId) -> Result<i64, StorageError> {
    let (user, but) = (user.to_string(), but.to_string());
    q.fetch_one(COUNT_OTHERS, &[user.as_str().into(), but.as_str().into()])
        .await?
        .int("n")
}

/// Forgets from where the user's sessions were used.
pub async fn forget_origins(w: &mut Writer, user: UserId) -> Result<u64, StorageError> {
    w.execute(FORGET_ORIGINS, &[user.to_string().as_str().into()])
        .await
}
