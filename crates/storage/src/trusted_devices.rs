//! The `trusted_devices` table.
//! Refuses secrets and marks themselves: only their digests are stored.

use model::trusted_device::{MOST_TRUSTED, TrustedDevice};
use model::{Origin, SecretDigest, Timestamp, TrustedDeviceId, UserId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "trusted_devices";

const DELETE_OF_BROWSER: &str = "DELETE FROM trusted_devices WHERE user_id = $1 AND browser = $2";
const INSERT: &str = "INSERT INTO trusted_devices (id, user_id, secret_digest, browser, address, user_agent, created_at, last_used_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)";
const KEEP_NEWEST: &str = "DELETE FROM trusted_devices WHERE user_id = $1 AND id NOT IN (SELECT id FROM trusted_devices WHERE user_id = $1 ORDER BY last_used_at DESC, id LIMIT $2)";
const USE: &str = "UPDATE trusted_devices SET last_used_at = $4, address = $5, user_agent = $6 WHERE secret_digest = $1 AND user_id = $2 AND browser = $3 AND expires_at > $4 RETURNING id";
const LIST_LIVE: &str = "SELECT id, user_id, browser, address, user_agent, created_at, last_used_at, expires_at FROM trusted_devices WHERE user_id = $1 AND expires_at > $2 ORDER BY last_used_at DESC, id";
const DELETE: &str = "DELETE FROM trusted_devices WHERE id = $1 AND user_id = $2";
const DELETE_OF_USER: &str = "DELETE FROM trusted_devices WHERE user_id = $1";
const DELETE_EXPIRED: &str = "DELETE FROM trusted_devices WHERE expires_at <= $1";

pub(crate) const STATEMENTS: &[&str] = &[
    DELETE_OF_BROWSER,
    INSERT,
    KEEP_NEWEST,
    USE,
    LIST_LIVE,
    DELETE,
    DELETE_OF_USER,
    DELETE_EXPIRED,
];

fn decode(row: &Row) -> Result<TrustedDevice, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(TrustedDevice {
        id: columns.parsed("id")?,
        user_id: columns.parsed("user_id")?,
        browser: columns.digest("browser")?,
        address: columns.opt_text("address")?,
        user_agent: columns.opt_text("user_agent")?,
        created_at: columns.instant("created_at")?,
        last_used_at: columns.instant("last_used_at")?,
        expires_at: columns.instant("expires_at")?,
    })
}

/// Trusts the browser, in place of what it was trusted for this user before.
pub async fn put(w: &mut Writer, device: &TrustedDevice, secret: &SecretDigest) -> Result<(), StorageError> {
    let (id, user) = (device.id.to_string(), device.user_id.to_string());
    let user = user.as_str();
    w.execute(
        DELETE_OF_BROWSER,
        &[user.into(), device.browser.as_bytes().into()],
    )
    .await?;
    let args = [
        id.as_str().into(),
        user.into(),
        secret.as_bytes().into(),
        device.browser.as_bytes().into(),
        device.address.as_deref().into(),
        device.user_agent.as_deref().into(),
        device.created_at.into(),
        device.expires_at.into(),
    ];
    w.execute(INSERT, &args).await?;
    w.execute(KEEP_NEWEST, &[user.into(), MOST_TRUSTED.into()])
        .await
        .map(drop)
}

/// Notes that the trust was used, and tells which it is; nothing when it is another user's or browser's, or is over.
pub async fn note_use(
    w: &mut Writer,
    user: UserId,
    (secret, browser): (&SecretDigest, &SecretDigest),
    (origin, now): (&Origin, Timestamp),
) -> Result<Option<TrustedDeviceId>, StorageError> {
    let (user, address) = (
        user.to_string(),
        origin.address.map(|address| address.to_string()),
    );
    let args = [
        secret.as_bytes().into(),
        user.as_str().into(),
        browser.as_bytes().into(),
        now.into(),
        address.as_deref().into(),
        origin.user_agent.as_deref().into(),
    ];
    let row = w.fetch_optional(USE, &args).await?;
    row.map(|row| Columns::new(TABLE, &row).parsed("id")).transpose()
}

/// The user's trusted browsers, the one used last first.
pub async fn list_live(
    q: &mut impl Query,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<TrustedDevice>, StorageError> {
    let user = user.to_string();
    let rows = q
        .fetch_all(LIST_LIVE, &[user.as_str().into(), now.into()])
        .await?;
    rows.iter().map(decode).collect()
}

/// False when this user trusts no such browser.
pub async fn delete(w: &mut Writer, (id, user): (TrustedDeviceId, UserId)) -> Result<bool, StorageError> {
    let (id, user) = (id.to_string(), user.to_string());
    Ok(w.execute(DELETE, &[id.as_str().into(), user.as_str().into()])
        .await?
        == 1)
}

/// How many there were.
pub async fn delete_of_user(w: &mut Writer, user: UserId) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_USER, &[user.to_string().as_str().into()])
        .await
}

pub async fn delete_expired(w: &mut Writer, now: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[now.into()]).await
}
