//! The `api_keys` table.
//! Refuses to bring a key back: what was revoked stays so.

use model::api_key::{ApiKey, ApiKeyId, KeyEnd, KeyKind, KeyName};
use model::iam::AccountId;
use model::user::Role;
use model::{SecretDigest, Timestamp, UserId};
use oauth::permission::PermissionSet;

use crate::decode::{Columns, to_json};
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "api_keys";

const FIND: &str = "SELECT id, kind, user_id, secret_digest, prefix, name, scopes, repositories, addresses, rate_limit, signing_kid, created_at, expires_at, last_used_at, replaced_by, revoked_at FROM api_keys WHERE id = $1";
const FIND_IN_USE: &str = "SELECT k.id, k.kind, k.user_id, k.secret_digest, k.prefix, k.name, k.scopes, k.repositories, k.addresses, k.rate_limit, k.signing_kid, k.created_at, k.expires_at, k.last_used_at, k.replaced_by, k.revoked_at, u.role, u.disabled_at, d.requested_at, a.id AS account_id FROM api_keys k JOIN users u ON u.id = k.user_id LEFT JOIN account_deletions d ON d.user_id = k.user_id LEFT JOIN accounts a ON a.root_user_id = k.user_id WHERE k.secret_digest = $1";
const FIND_IN_USE_BY_ID: &str = "SELECT k.id, k.kind, k.user_id, k.secret_digest, k.prefix, k.name, k.scopes, k.repositories, k.addresses, k.rate_limit, k.signing_kid, k.created_at, k.expires_at, k.last_used_at, k.replaced_by, k.revoked_at, u.role, u.disabled_at, d.requested_at, a.id AS account_id FROM api_keys k JOIN users u ON u.id = k.user_id LEFT JOIN account_deletions d ON d.user_id = k.user_id LEFT JOIN accounts a ON a.root_user_id = k.user_id WHERE k.id = $1";
const LIST_LIVE: &str = "SELECT id, kind, user_id, secret_digest, prefix, name, scopes, repositories, addresses, rate_limit, signing_kid, created_at, expires_at, last_used_at, replaced_by, revoked_at FROM api_keys WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY created_at DESC, id DESC LIMIT 1000";
const COUNT_LIVE: &str =
    "SELECT count(*) AS n FROM api_keys WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2";
const COUNT_NAMED: &str = "SELECT count(*) AS n FROM api_keys WHERE user_id = $1 AND kind = $2 AND name = $3 AND revoked_at IS NULL AND replaced_by IS NULL AND expires_at > $4";
const INSERT: &str = "INSERT INTO api_keys (id, kind, user_id, secret_digest, prefix, name, scopes, repositories, addresses, rate_limit, signing_kid, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const KEEP_SIGNING_KEY: &str =
    "UPDATE signing_keys SET remove_at = CASE WHEN remove_at < $2 THEN $2 ELSE remove_at END WHERE kid = $1";
const LAST_SIGNED: &str =
    "SELECT max(expires_at) AS at FROM api_keys WHERE signing_kid = $1 AND revoked_at IS NULL";
const REVOKE: &str = "UPDATE api_keys SET revoked_at = $3, revoke_reason = $4 WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $3";
const REVOKE_OF_USER: &str = "UPDATE api_keys SET revoked_at = $2, revoke_reason = $3 WHERE user_id = $1 AND revoked_at IS NULL RETURNING id";
const REPLACE: &str = "UPDATE api_keys SET replaced_by = $3, expires_at = CASE WHEN expires_at < $4 THEN expires_at ELSE $4 END WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND replaced_by IS NULL AND expires_at > $5";
const TOUCH: &str =
    "UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
const LIST_ENDING: &str = "SELECT id, kind, user_id, secret_digest, prefix, name, scopes, repositories, addresses, rate_limit, signing_kid, created_at, expires_at, last_used_at, replaced_by, revoked_at FROM api_keys WHERE expires_at > $1 AND expires_at <= $2 AND expires_at - created_at > $2 - $1 AND revoked_at IS NULL AND replaced_by IS NULL AND (told_days IS NULL OR told_days > $3) ORDER BY expires_at LIMIT $4";
const TELL: &str = "UPDATE api_keys SET told_days = $2 WHERE id = $1 AND revoked_at IS NULL AND (told_days IS NULL OR told_days > $2)";
const DELETE_OF_USER: &str = "DELETE FROM api_keys WHERE user_id = $1";
const DELETE_EXPIRED: &str = "DELETE FROM api_keys WHERE expires_at < $1";
const DELETE_REVOKED: &str = "DELETE FROM api_keys WHERE revoked_at < $1";
const LIST_WITH_PREFIX: &str = "SELECT id, kind, user_id, secret_digest, prefix, name, scopes, repositories, addresses, rate_limit, signing_kid, created_at, expires_at, last_used_at, replaced_by, revoked_at FROM api_keys WHERE prefix = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY created_at DESC LIMIT $3";
const COUNT_ALL: &str = "SELECT count(*) AS n FROM (SELECT 1 AS one FROM api_keys WHERE expires_at > $1 AND revoked_at IS NULL LIMIT $2) live";
const COUNT_SIGNED: &str =
    "SELECT count(*) AS n FROM api_keys WHERE signing_kid = $1 AND revoked_at IS NULL AND expires_at > $2";

pub(crate) const STATEMENTS: &[&str] = &[
    LIST_WITH_PREFIX,
    COUNT_ALL,
    COUNT_SIGNED,
    FIND,
    FIND_IN_USE,
    FIND_IN_USE_BY_ID,
    LIST_LIVE,
    COUNT_LIVE,
    COUNT_NAMED,
    INSERT,
    KEEP_SIGNING_KEY,
    LAST_SIGNED,
    REVOKE,
    REVOKE_OF_USER,
    REPLACE,
    TOUCH,
    LIST_ENDING,
    TELL,
    DELETE_OF_USER,
    DELETE_EXPIRED,
    DELETE_REVOKED,
];

/// A key and what has become of its owner.
pub struct KeyInUse {
    pub key: ApiKey,
    pub role: Role,
    pub disabled: bool,
    /// The owner has asked for the account to be deleted.
    pub leaving: bool,
    /// The owner's own; none for somebody from before there were accounts.
    pub account_id: Option<AccountId>,
}

fn decode(row: &Row) -> Result<ApiKey, StorageError> {
    let columns = Columns::new(TABLE, row);
    let rate_limit = columns.opt_int("rate_limit")?;
    Ok(ApiKey {
        id: columns.parsed("id")?,
        kind: KeyKind::parse(&columns.text("kind")?).ok_or_else(|| columns.corrupt("kind"))?,
        user_id: columns.parsed("user_id")?,
        secret: columns.digest("secret_digest")?,
        prefix: columns.text("prefix")?,
        name: columns.parsed("name")?,
        permissions: PermissionSet::from_scope_string(&columns.text("scopes")?)
            .map_err(|_| columns.corrupt("scopes"))?,
        repositories: columns.json("repositories")?,
        addresses: columns.json("addresses")?,
        rate_limit: rate_limit
            .map(u32::try_from)
            .transpose()
            .map_err(|_| columns.corrupt("rate_limit"))?,
        signing_kid: columns.opt_text("signing_kid")?,
        created_at: columns.instant("created_at")?,
        expires_at: columns.instant("expires_at")?,
        last_used_at: columns.opt_instant("last_used_at")?,
        replaced_by: columns.opt_parsed("replaced_by")?,
        revoked_at: columns.opt_instant("revoked_at")?,
    })
}

fn decode_in_use(row: &Row) -> Result<KeyInUse, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(KeyInUse {
        key: decode(row)?,
        role: Role::parse(&columns.text("role")?).ok_or_else(|| columns.corrupt("role"))?,
        disabled: columns.opt_instant("disabled_at")?.is_some(),
        leaving: columns.opt_instant("requested_at")?.is_some(),
        account_id: columns.opt_parsed("account_id")?,
    })
}

pub async fn find(q: &mut impl Query, id: ApiKeyId) -> Result<Option<ApiKey>, StorageError> {
    let row = q.fetch_optional(FIND, &[id.to_string().as_str().into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

/// One indexed read.
pub async fn find_in_use(
    q: &mut impl Query,
    secret: &SecretDigest,
) -> Result<Option<KeyInUse>, StorageError> {
    let row = q.fetch_optional(FIND_IN_USE, &[secret.as_bytes().into()]).await?;
    row.map(|row| decode_in_use(&row)).transpose()
}

/// One indexed read.
pub async fn find_in_use_by_id(q: &mut impl Query, id: ApiKeyId) -> Result<Option<KeyInUse>, StorageError> {
    let row = q
        .fetch_optional(FIND_IN_USE_BY_ID, &[id.to_string().as_str().into()])
        .await?;
    row.map(|row| decode_in_use(&row)).transpose()
}

/// The user's live keys, newest first, at most 1000.
pub async fn list_live(
    q: &mut impl Query,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<ApiKey>, StorageError> {
    let user = user.to_string();
    let rows = q
        .fetch_all(LIST_LIVE, &[user.as_str().into(), now.into()])
        .await?;
    rows.iter().map(decode).collect()
}

/// How many live keys this signing key has signed.
pub async fn count_signed_with(q: &mut impl Query, kid: &str, now: Timestamp) -> Result<i64, StorageError> {
    q.fetch_one(COUNT_SIGNED, &[kid.into(), now.into()])
        .await?
        .int("n")
}

/// Live keys whose texts begin so, newest first.
pub async fn list_with_prefix(
    q: &mut impl Query,
    prefix: &str,
    (now, limit): (Timestamp, i64),
) -> Result<Vec<ApiKey>, StorageError> {
    let args = [prefix.into(), now.into(), limit.into()];
    let rows = q.fetch_all(LIST_WITH_PREFIX, &args).await?;
    rows.iter().map(decode).collect()
}

/// How many there are of everybody, counted up to `most`.
pub async fn count_all(q: &mut impl Query, now: Timestamp, most: i64) -> Result<i64, StorageError> {
    q.fetch_one(COUNT_ALL, &[now.into(), most.into()]).await?.int("n")
}

pub async fn count_live(q: &mut impl Query, user: UserId, now: Timestamp) -> Result<i64, StorageError> {
    let user = user.to_string();
    q.fetch_one(COUNT_LIVE, &[user.as_str().into(), now.into()])
        .await?
        .int("n")
}

/// Whether a live key of the user is of this kind and name already. One that another took the place of does not count.
pub async fn is_name_taken(
    q: &mut impl Query,
    user: UserId,
    (kind, name): (KeyKind, &KeyName),
    now: Timestamp,
) -> Result<bool, StorageError> {
    let user = user.to_string();
    let args = [
        user.as_str().into(),
        kind.as_str().into(),
        name.as_str().into(),
        now.into(),
    ];
    Ok(q.fetch_one(COUNT_NAMED, &args).await?.int("n")? > 0)
}

/// Stores a key; the one that signed it stays published as long as it lives.
pub async fn insert(w: &mut Writer, key: &ApiKey) -> Result<(), StorageError> {
    let (id, user, scopes) = (
        key.id.to_string(),
        key.user_id.to_string(),
        key.permissions.to_string(),
    );
    let repositories = to_json(TABLE, "repositories", &key.repositories)?;
    let addresses = to_json(TABLE, "addresses", &key.addresses)?;
    let args = [
        id.as_str().into(),
        key.kind.as_str().into(),
        user.as_str().into(),
        key.secret.as_bytes().into(),
        key.prefix.as_str().into(),
        key.name.as_str().into(),
        scopes.as_str().into(),
        repositories.as_str().into(),
        addresses.as_str().into(),
        key.rate_limit.map(i64::from).into(),
        key.signing_kid.as_deref().into(),
        key.created_at.into(),
        key.expires_at.into(),
    ];
    w.execute(INSERT, &args).await?;
    if let Some(kid) = &key.signing_kid {
        w.execute(KEEP_SIGNING_KEY, &[kid.as_str().into(), key.expires_at.into()])
            .await?;
    }
    Ok(())
}

/// When the last live key that was signed with this signing key ends.
pub async fn last_signed_by(q: &mut impl Query, kid: &str) -> Result<Option<Timestamp>, StorageError> {
    let row = q.fetch_one(LAST_SIGNED, &[kid.into()]).await?;
    Ok(row.opt_int("at")?.map(Timestamp::from_micros))
}

/// False when this user has no such live key.
pub async fn revoke(
    w: &mut Writer,
    (id, user): (ApiKeyId, UserId),
    why: KeyEnd,
    now: Timestamp,
) -> Result<bool, StorageError> {
    let (id, user) = (id.to_string(), user.to_string());
    let args = [
        id.as_str().into(),
        user.as_str().into(),
        now.into(),
        why.as_str().into(),
    ];
    Ok(w.execute(REVOKE, &args).await? == 1)
}

/// Every key of the user; which ones.
pub async fn revoke_of_user(
    w: &mut Writer,
    user: UserId,
    why: KeyEnd,
    now: Timestamp,
) -> Result<Vec<ApiKeyId>, StorageError> {
    let user = user.to_string();
    let args = [user.as_str().into(), now.into(), why.as_str().into()];
    let rows = w.fetch_all(REVOKE_OF_USER, &args).await?;
    rows.iter()
        .map(|row| Columns::new(TABLE, row).parsed("id"))
        .collect()
}

/// Another key takes the place of this one, which goes on until `until` at most; false when this user has no such live key,
/// or it was replaced before.
pub async fn replace(
    w: &mut Writer,
    (id, user): (ApiKeyId, UserId),
    (by, until): (ApiKeyId, Timestamp),
    now: Timestamp,
) -> Result<bool, StorageError> {
    let (id, user, by) = (id.to_string(), user.to_string(), by.to_string());
    let args = [
        id.as_str().into(),
        user.as_str().into(),
        by.as_str().into(),
        until.into(),
        now.into(),
    ];
    Ok(w.execute(REPLACE, &args).await? == 1)
}

/// Notes a use; never moves backwards.
pub async fn touch(w: &mut Writer, id: ApiKeyId, at: Timestamp) -> Result<(), StorageError> {
    let id = id.to_string();
    w.execute(TOUCH, &[id.as_str().into(), at.into()]).await?;
    Ok(())
}

/// Keys that end between `now` and `until`, were made for longer than that, and whose owners were not yet told so late; at
/// most `limit`.
pub async fn list_ending(
    q: &mut impl Query,
    (now, until): (Timestamp, Timestamp),
    days: i64,
    limit: i64,
) -> Result<Vec<ApiKey>, StorageError> {
    let args = [now.into(), until.into(), days.into(), limit.into()];
    let rows = q.fetch_all(LIST_ENDING, &args).await?;
    rows.iter().map(decode).collect()
}

/// The owner is told that it ends in so many days; false when that was done.
pub async fn tell(w: &mut Writer, id: ApiKeyId, days: i64) -> Result<bool, StorageError> {
    let id = id.to_string();
    Ok(w.execute(TELL, &[id.as_str().into(), days.into()]).await? == 1)
}

pub async fn delete_of_user(w: &mut Writer, user: UserId) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_USER, &[user.to_string().as_str().into()])
        .await
}

/// What ended, one way or the other, before `before`.
pub async fn delete_ended(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    let expired = w.execute(DELETE_EXPIRED, &[before.into()]).await?;
    Ok(expired + w.execute(DELETE_REVOKED, &[before.into()]).await?)
}
