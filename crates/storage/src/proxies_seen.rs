//! The `proxies_seen` table: who polls the revocation log, and how far they have come.
//! Refuses to go back: what was seen later stays.

use model::{ClientId, Timestamp};

use crate::decode::Columns;
use crate::{Perform, Query, StorageError, Writer};

const UPSERT: &str = "INSERT INTO proxies_seen (client_id, instance, address, version, position, first_seen_at, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (client_id, instance) DO UPDATE SET address = excluded.address, version = excluded.version, position = excluded.position, seen_at = excluded.seen_at WHERE proxies_seen.seen_at <= excluded.seen_at";
const LIST: &str = "SELECT client_id, instance, address, version, position, first_seen_at, seen_at FROM proxies_seen ORDER BY seen_at DESC LIMIT $1";
const DELETE_OLD: &str = "DELETE FROM proxies_seen WHERE seen_at < $1";
const BEHIND: &str = "SELECT count(*) AS n, min(created_at) AS oldest FROM (SELECT created_at FROM revocations WHERE position > $1 ORDER BY position LIMIT $2) unseen";

pub(crate) const STATEMENTS: &[&str] = &[UPSERT, LIST, DELETE_OLD, BEHIND];

/// A proxy as one of its polls has shown it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeenProxy {
    pub client_id: ClientId,
    pub instance: String,
    pub address: Option<String>,
    pub version: Option<String>,
    pub position: i64,
    pub first_seen_at: Timestamp,
    pub seen_at: Timestamp,
}

/// Notes a poll; one that was noted for a later moment stays.
pub async fn upsert(w: &mut impl Perform, proxy: &SeenProxy) -> Result<(), StorageError> {
    let args = [
        proxy.client_id.as_str().into(),
        proxy.instance.as_str().into(),
        proxy.address.as_deref().into(),
        proxy.version.as_deref().into(),
        proxy.position.into(),
        proxy.seen_at.into(),
    ];
    w.perform(UPSERT, &args).await
}

/// Whoever polled last first.
pub async fn list(q: &mut impl Query, limit: i64) -> Result<Vec<SeenProxy>, StorageError> {
    let rows = q.fetch_all(LIST, &[limit.into()]).await?;
    let proxies = rows.iter().map(|row| {
        let columns = Columns::new("proxies_seen", row);
        Ok(SeenProxy {
            client_id: columns.parsed("client_id")?,
            instance: columns.text("instance")?,
            address: columns.opt_text("address")?,
            version: columns.opt_text("version")?,
            position: columns.int("position")?,
            first_seen_at: columns.instant("first_seen_at")?,
            seen_at: columns.instant("seen_at")?,
        })
    });
    proxies.collect()
}

/// How many revocations come after `position`, counted up to `most`, and when the first of them was written.
pub async fn behind(
    q: &mut impl Query,
    position: i64,
    most: i64,
) -> Result<(i64, Option<Timestamp>), StorageError> {
    let row = q.fetch_one(BEHIND, &[position.into(), most.into()]).await?;
    Ok((row.int("n")?, row.opt_int("oldest")?.map(Timestamp::from_micros)))
}

pub async fn delete_old(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_OLD, &[before.into()]).await
}
