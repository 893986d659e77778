//! The `invitations` table: one open invitation for each account and address.
//! Refuses to keep the link: only its digest is here.

use model::email::Email;
use model::iam::AccountId;
use model::team::{Invitation, InvitationId, TeamRole};
use model::{SecretDigest, Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "invitations";

const FIND_BY_SECRET: &str = "SELECT id, account_id, email, role, invited_by, created_at, expires_at, accepted_at, revoked_at FROM invitations WHERE digest = $1";
const LIST_OPEN: &str = "SELECT id, account_id, email, role, invited_by, created_at, expires_at, accepted_at, revoked_at FROM invitations WHERE account_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2 ORDER BY created_at DESC, id LIMIT $3 OFFSET $4";
const COUNT_OPEN: &str = "SELECT count(*) AS n FROM invitations WHERE account_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2";
const LIST_MADE_BY: &str = "SELECT id, account_id, email, role, invited_by, created_at, expires_at, accepted_at, revoked_at FROM invitations WHERE invited_by = $1 ORDER BY created_at, id LIMIT $2";
const REPLACE: &str = "UPDATE invitations SET revoked_at = $3 WHERE account_id = $1 AND email = $2 AND accepted_at IS NULL AND revoked_at IS NULL";
// Of two that come at once, the later one stands.
const INSERT: &str = "INSERT INTO invitations (id, digest, account_id, email, role, invited_by, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account_id, email) WHERE accepted_at IS NULL AND revoked_at IS NULL DO UPDATE SET id = excluded.id, digest = excluded.digest, role = excluded.role, invited_by = excluded.invited_by, created_at = excluded.created_at, expires_at = excluded.expires_at";
const ACCEPT: &str = "UPDATE invitations SET accepted_at = $3 WHERE id = $1 AND email = $2 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $3";
const REVOKE: &str = "UPDATE invitations SET revoked_at = $3 WHERE account_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $3 RETURNING id, account_id, email, role, invited_by, created_at, expires_at, accepted_at, revoked_at";
const REVOKE_MADE_BY: &str = "UPDATE invitations SET revoked_at = $3 WHERE account_id = $1 AND invited_by = $2 AND accepted_at IS NULL AND revoked_at IS NULL";
const DELETE_MADE_BY: &str = "DELETE FROM invitations WHERE invited_by = $1";
const DELETE_FOR: &str = "DELETE FROM invitations WHERE email = $1";
const DELETE_OF_ACCOUNT: &str = "DELETE FROM invitations WHERE account_id = $1";
const DELETE_EXPIRED: &str = "DELETE FROM invitations WHERE expires_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[
    FIND_BY_SECRET,
    LIST_OPEN,
    COUNT_OPEN,
    LIST_MADE_BY,
    REPLACE,
    INSERT,
    ACCEPT,
    REVOKE,
    REVOKE_MADE_BY,
    DELETE_MADE_BY,
    DELETE_FOR,
    DELETE_OF_ACCOUNT,
    DELETE_EXPIRED,
];

fn decode(row: &Row) -> Result<Invitation, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(Invitation {
        id: columns.parsed("id")?,
        account_id: columns.parsed("account_id")?,
        email: columns.parsed("email")?,
        role: TeamRole::parse(&columns.text("role")?).ok_or_else(|| columns.corrupt("role"))?,
        invited_by: columns.parsed("invited_by")?,
        created_at: columns.instant("created_at")?,
        expires_at: columns.instant("expires_at")?,
        accepted_at: columns.opt_instant("accepted_at")?,
        revoked_at: columns.opt_instant("revoked_at")?,
    })
}

pub async fn find_by_secret(
    q: &mut impl Query,
    secret: &SecretDigest,
) -> Result<Option<Invitation>, StorageError> {
    q.fetch_optional(FIND_BY_SECRET, &[secret.as_bytes().into()])
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// Those of the account that can still be accepted, newest first, and how many they are.
pub async fn list_open(
    q: &mut impl Query,
    (account, now): (&AccountId, Timestamp),
    (limit, offset): (i64, i64),
) -> Result<(Vec<Invitation>, i64), StorageError> {
    let args = [account.as_str().into(), now.into(), limit.into(), offset.into()];
    let rows = q.fetch_all(LIST_OPEN, &args).await?;
    let invitations: Result<_, _> = rows.iter().map(decode).collect();
    Ok((invitations?, count_open(q, account, now).await?))
}

pub async fn count_open(
    q: &mut impl Query,
    account: &AccountId,
    now: Timestamp,
) -> Result<i64, StorageError> {
    q.fetch_one(COUNT_OPEN, &[account.as_str().into(), now.into()])
        .await?
        .int("n")
}

/// Those that the user has made, whatever became of them.
pub async fn list_made_by(
    q: &mut impl Query,
    user: UserId,
    limit: i64,
) -> Result<Vec<Invitation>, StorageError> {
    let user = user.to_string();
    let rows = q
        .fetch_all(LIST_MADE_BY, &[user.as_str().into(), limit.into()])
        .await?;
    rows.iter().map(decode).collect()
}

/// Stores an invitation; the open one for the same address, if there is one, stops working. Tells whether there was one.
pub async fn replace(
    w: &mut Writer,
    invitation: &Invitation,
    secret: &SecretDigest,
) -> Result<bool, StorageError> {
    let (account, email) = (invitation.account_id.as_str(), invitation.email.as_str());
    let args = [account.into(), email.into(), invitation.created_at.into()];
    let replaced = w.execute(REPLACE, &args).await? > 0;
    let (id, by) = (invitation.id.to_string(), invitation.invited_by.to_string());
    let args = [
        id.as_str().into(),
        secret.as_bytes().into(),
        account.into(),
        email.into(),
        invitation.role.as_str().into(),
        by.as_str().into(),
        invitation.created_at.into(),
        invitation.expires_at.into(),
    ];
    w.execute(INSERT, &args).await?;
    Ok(replaced)
}

/// Takes the invitation; false when it was accepted, revoked, replaced, has expired or is for another address.
pub async fn accept(
    w: &mut Writer,
    id: InvitationId,
    email: &Email,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let id = id.to_string();
    let args = [id.as_str().into(), email.as_str().into(), now.into()];
    Ok(w.execute(ACCEPT, &args).await? == 1)
}

/// Withdraws one of the account's; nothing when none such can still be accepted.
pub async fn revoke(
    w: &mut Writer,
    account: &AccountId,
    id: InvitationId,
    now: Timestamp,
) -> Result<Option<Invitation>, StorageError> {
    let id = id.to_string();
    let args = [account.as_str().into(), id.as_str().into(), now.into()];
    w.fetch_optional(REVOKE, &args)
        .await?
        .map(|row| decode(&row))
        .transpose()
}

/// Withdraws whatever the user has made in the account.
pub async fn revoke_made_by(
    w: &mut Writer,
    (account, user): (&AccountId, UserId),
    now: Timestamp,
) -> Result<u64, StorageError> {
    let user = user.to_string();
    let args = [account.as_str().into(), user.as_str().into(), now.into()];
    w.execute(REVOKE_MADE_BY, &args).await
}

/// What the user has made, and what was sent to their address.
pub async fn delete_of_user(w: &mut Writer, user: UserId, email: &Email) -> Result<u64, StorageError> {
    let made = w
        .execute(DELETE_MADE_BY, &[user.to_string().as_str().into()])
        .await?;
    Ok(made + w.execute(DELETE_FOR, &[email.as_str().into()]).await?)
}

pub async fn delete_of_account(w: &mut Writer, account: &AccountId) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_ACCOUNT, &[account.as_str().into()]).await
}

pub async fn delete_expired(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[before.into()]).await
}
