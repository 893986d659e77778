//! The `grants` table.

use model::grant::{Grant, GrantEnd};
use model::iam::AccountId;
use model::{ClientId, GrantId, SessionId, Timestamp, UserId};

use crate::decode::{Columns, to_json};
use crate::sessions::authentication;
use crate::{Perform, Query, Row, StorageError, Value, Writer};

const TABLE: &str = "grants";

const FIND: &str = "SELECT id, user_id, client_id, session_id, offline, scopes, resources, claims, nonce, authenticated_at, amr, acr, account_id, created_at, expires_at, ended_at FROM grants WHERE id = $1";
const INSERT: &str = "INSERT INTO grants (id, user_id, client_id, session_id, offline, scopes, resources, claims, nonce, authenticated_at, amr, acr, created_at, expires_at, account_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
const END: &str = "UPDATE grants SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at IS NULL";
const END_OF_SESSION: &str = "UPDATE grants SET ended_at = $2, end_reason = $3 WHERE session_id = $1 AND offline = 0 AND ended_at IS NULL RETURNING id";
const END_OF_USER: &str =
    "UPDATE grants SET ended_at = $2, end_reason = $3 WHERE user_id = $1 AND ended_at IS NULL";
const END_OF_USER_AND_CLIENT: &str = "UPDATE grants SET ended_at = $3, end_reason = $4 WHERE user_id = $1 AND client_id = $2 AND ended_at IS NULL RETURNING id";
const END_ALL_BUT_OF_SESSION: &str = "UPDATE grants SET ended_at = $3, end_reason = $4 WHERE user_id = $1 AND (offline = 1 OR session_id <> $2) AND ended_at IS NULL RETURNING id";
const END_OF_CLIENT: &str =
    "UPDATE grants SET ended_at = $2, end_reason = $3 WHERE client_id = $1 AND ended_at IS NULL";
const END_OF_MEMBER: &str = "UPDATE grants SET ended_at = $3, end_reason = $4 WHERE user_id = $1 AND account_id = $2 AND ended_at IS NULL RETURNING id";
const END_IN_ACCOUNT: &str =
    "UPDATE grants SET ended_at = $2, end_reason = $3 WHERE account_id = $1 AND ended_at IS NULL";
const END_OF_IAM_USERS: &str = "UPDATE grants SET ended_at = $2, end_reason = $3 WHERE user_id IN (SELECT id FROM iam_users WHERE account_id = $1) AND ended_at IS NULL";
const DELETE_EXPIRED: &str = "DELETE FROM grants WHERE expires_at < $1 AND NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE refresh_tokens.grant_id = grants.id) AND NOT EXISTS (SELECT 1 FROM authorization_codes WHERE authorization_codes.grant_id = grants.id)";

const LIST_LIVE_OF_USER: &str = "SELECT grants.id, client_id, scopes, offline, grants.created_at, (SELECT max(refresh_tokens.created_at) FROM refresh_tokens WHERE refresh_tokens.grant_id = grants.id) AS used_at FROM grants WHERE user_id = $1 AND ended_at IS NULL AND grants.expires_at > $2 ORDER BY grants.created_at DESC LIMIT 1000";

pub(crate) const STATEMENTS: &[&str] = &[
    FIND,
    INSERT,
    END,
    END_OF_SESSION,
    END_OF_USER,
    END_OF_USER_AND_CLIENT,
    END_ALL_BUT_OF_SESSION,
    END_OF_CLIENT,
    END_OF_MEMBER,
    END_IN_ACCOUNT,
    END_OF_IAM_USERS,
    DELETE_EXPIRED,
    LIST_LIVE_OF_USER,
];

pub(crate) fn decode(row: &Row) -> Result<Grant, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(Grant {
        id: columns.parsed("id")?,
        user_id: columns.parsed("user_id")?,
        client_id: columns.parsed("client_id")?,
        session_id: columns.parsed("session_id")?,
        offline: columns.int("offline")? != 0,
        scopes: columns.scopes("scopes")?,
        resources: columns.json("resources")?,
        claims: columns.opt_json("claims")?,
        nonce: columns.opt_text("nonce")?,
        authentication: authentication(&columns)?,
        account_id: columns.opt_parsed("account_id")?,
        created_at: columns.instant("created_at")?,
        expires_at: columns.instant("expires_at")?,
        ended_at: columns.opt_instant("ended_at")?,
    })
}

pub async fn find(q: &mut impl Query, id: GrantId) -> Result<Option<Grant>, StorageError> {
    q.fetch_optional(FIND, &[id.to_string().as_str().into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

pub async fn insert(w: &mut impl Perform, grant: &Grant) -> Result<(), StorageError> {
    let claims = grant
        .claims
        .as_ref()
        .map(|claims| to_json(TABLE, "claims", claims))
        .transpose()?;
    w.perform(
        INSERT,
        &[
            grant.id.to_string().as_str().into(),
            grant.user_id.to_string().as_str().into(),
            grant.client_id.as_str().into(),
            grant.session_id.to_string().as_str().into(),
            i64::from(grant.offline).into(),
            grant.scopes.to_string().as_str().into(),
            to_json(TABLE, "resources", &grant.resources)?.as_str().into(),
            claims.as_deref().into(),
            grant.nonce.as_deref().into(),
            grant.authentication.at.into(),
            to_json(TABLE, "amr", &grant.authentication.amr)?.as_str().into(),
            grant.authentication.acr.as_str().into(),
            grant.created_at.into(),
            grant.expires_at.into(),
            grant.account_id.as_ref().map(AccountId::as_str).into(),
        ],
    )
    .await
}

/// False when it had ended before.
pub async fn end(w: &mut Writer, id: GrantId, why: GrantEnd, now: Timestamp) -> Result<bool, StorageError> {
    let id = id.to_string();
    Ok(end_where(w, END, &[&id], why, now).await? == 1)
}

/// Ends the grants bound to a session (offline ones stay) and names them.
pub async fn end_of_session(
    w: &mut Writer,
    session: SessionId,
    why: GrantEnd,
    now: Timestamp,
) -> Result<Vec<GrantId>, StorageError> {
    let session = session.to_string();
    end_and_name(w, END_OF_SESSION, &[&session], why, now).await
}

pub async fn end_of_user(
    w: &mut Writer,
    user: UserId,
    why: GrantEnd,
    now: Timestamp,
) -> Result<u64, StorageError> {
    let user = user.to_string();
    end_where(w, END_OF_USER, &[&user], why, now).await
}

/// Ends what a user allowed one client and names it.
pub async fn end_of_user_and_client(
    w: &mut Writer,
    (user, client): (UserId, &ClientId),
    why: GrantEnd,
    now: Timestamp,
) -> Result<Vec<GrantId>, StorageError> {
    let user = user.to_string();
    end_and_name(w, END_OF_USER_AND_CLIENT, &[&user, client.as_str()], why, now).await
}

/// Ends every grant of the user but those bound to `keep`, and names them.
pub async fn end_all_but_of_session(
    w: &mut Writer,
    (user, keep): (UserId, Option<SessionId>),
    why: GrantEnd,
    now: Timestamp,
) -> Result<Vec<GrantId>, StorageError> {
    // No session has an empty id.
    let keep = keep.map(|id| id.to_string()).unwrap_or_default();
    let user = user.to_string();
    end_and_name(w, END_ALL_BUT_OF_SESSION, &[&user, &keep], why, now).await
}

pub async fn end_of_client(
    w: &mut Writer,
    client: &ClientId,
    why: GrantEnd,
    now: Timestamp,
) -> Result<u64, StorageError> {
    end_where(w, END_OF_CLIENT, &[client.as_str()], why, now).await
}

/// Ends what the user was given in an account of others and names it.
pub async fn end_of_member(
    w: &mut Writer,
    (user, account): (UserId, &AccountId),
    why: GrantEnd,
    now: Timestamp,
) -> Result<Vec<GrantId>, StorageError> {
    let user = user.to_string();
    end_and_name(w, END_OF_MEMBER, &[&user, account.as_str()], why, now).await
}

/// Ends what anybody was given in the account, and whatever its IAM users have.
pub async fn end_of_account(
    w: &mut Writer,
    account: &AccountId,
    why: GrantEnd,
    now: Timestamp,
) -> Result<u64, StorageError> {
    let which = [account.as_str()];
    let given = end_where(w, END_IN_ACCOUNT, &which, why, now).await?;
    Ok(given + end_where(w, END_OF_IAM_USERS, &which, why, now).await?)
}

/// Runs a statement that ends grants, and tells how many.
async fn end_where(
    w: &mut Writer,
    sql: &'static str,
    which: &[&str],
    why: GrantEnd,
    now: Timestamp,
) -> Result<u64, StorageError> {
    w.execute(sql, &ending(which, why, now)).await
}

/// Runs a statement that ends grants and returns their ids.
async fn end_and_name(
    w: &mut Writer,
    sql: &'static str,
    which: &[&str],
    why: GrantEnd,
    now: Timestamp,
) -> Result<Vec<GrantId>, StorageError> {
    let rows = w.fetch_all(sql, &ending(which, why, now)).await?;
    let id = |row: &Row| Columns::new(TABLE, row).parsed("id");
    rows.iter().map(id).collect()
}

/// What statements take that end grants: which ones, then when and why.
fn ending<'a>(which: &[&'a str], why: GrantEnd, now: Timestamp) -> Vec<Value<'a>> {
    let mut args: Vec<Value<'a>> = which.iter().map(|text| Value::Text(text)).collect();
    args.extend([Value::from(now), why.as_str().into()]);
    args
}

/// Grants that expired before `before` and have neither codes nor refresh tokens left.
pub async fn delete_expired(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[before.into()]).await
}

/// A live grant as its user sees it.
#[derive(Clone, Debug)]
pub struct LiveGrant {
    pub id: GrantId,
    pub client_id: ClientId,
    pub scopes: oauth::scope::ScopeSet,
    pub offline: bool,
    pub created_at: Timestamp,
    /// When its newest refresh token was issued.
    pub used_at: Option<Timestamp>,
}

/// The user's live grants, newest first, at most 1000.
pub async fn list_live_of_user(
    q: &mut impl Query,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<LiveGrant>, StorageError> {
    let rows = q
        .fetch_all(LIST_LIVE_OF_USER, &[user.to_string().as_str().into(), now.into()])
        .await?;
    let grants = rows.iter().map(|row| {
        let columns = Columns::new(TABLE, row);
        Ok(LiveGrant {
            id: columns.parsed("id")?,
            client_id: columns.parsed("client_id")?,
            scopes: columns.scopes("scopes")?,
            offline: columns.int("offline")? != 0,
            created_at: columns.instant("created_at")?,
            used_at: columns.opt_instant("used_at")?,
        })
    });
    grants.collect()
}
