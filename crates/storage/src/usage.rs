//! What accounts have used: `usage_counters` by month, `usage_days` by day, and the reports it was told by.
//! Refuses to take a report twice: its key is unique for whoever reports.

use model::iam::AccountId;
use model::{SecretDigest, Timestamp};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "usage_counters";

const TAKE_KEY: &str = "INSERT INTO usage_reports (reporter, report_key, digest, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT (reporter, report_key) DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at WHERE usage_reports.expires_at <= $5";
const FIND_KEY: &str = "SELECT digest FROM usage_reports WHERE reporter = $1 AND report_key = $2";
const DELETE_EXPIRED: &str = "DELETE FROM usage_reports WHERE expires_at <= $1";
const ADD: &str = "INSERT INTO usage_counters (account_id, metric, period_start, used, billable, charged) VALUES ($1, $2, $3, $4, 0, 0) ON CONFLICT (account_id, metric, period_start) DO UPDATE SET used = usage_counters.used + excluded.used RETURNING metric, period_start, used, billable, charged";
const BILL: &str = "UPDATE usage_counters SET billable = $4, charged = $5 WHERE account_id = $1 AND metric = $2 AND period_start = $3";
const ADD_DAY: &str = "INSERT INTO usage_days (account_id, metric, day, used, charged) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, metric, day) DO UPDATE SET used = usage_days.used + excluded.used, charged = usage_days.charged + excluded.charged";
const FIND: &str = "SELECT metric, period_start, used, billable, charged FROM usage_counters WHERE account_id = $1 AND metric = $2 AND period_start = $3";
const LIST: &str = "SELECT metric, period_start, used, billable, charged FROM usage_counters WHERE account_id = $1 AND period_start >= $2 AND period_start <= $3 ORDER BY period_start, metric LIMIT $4";
const LIST_DAYS: &str = "SELECT metric, day, used, charged FROM usage_days WHERE account_id = $1 AND day >= $2 AND day <= $3 ORDER BY day, metric LIMIT $4";

pub(crate) const STATEMENTS: &[&str] = &[
    TAKE_KEY,
    FIND_KEY,
    DELETE_EXPIRED,
    ADD,
    BILL,
    ADD_DAY,
    FIND,
    LIST,
    LIST_DAYS,
];

/// What was used of a metric in a month.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counter {
    pub metric: String,
    pub period_start: Timestamp,
    pub used: i64,
    /// The part that is paid for.
    pub billable: i64,
    /// What for, in minor units.
    pub charged: i64,
}

/// What was used of a metric on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Day {
    pub metric: String,
    pub day: Timestamp,
    pub used: i64,
    pub charged: i64,
}

/// What became of a report's key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key {
    New,
    /// The same was reported before.
    Known,
    /// Something else was.
    Conflict,
}

fn decode(row: &Row) -> Result<Counter, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(Counter {
        metric: columns.text("metric")?,
        period_start: columns.instant("period_start")?,
        used: columns.int("used")?,
        billable: columns.int("billable")?,
        charged: columns.int("charged")?,
    })
}

/// Takes the key of a report, unless it was taken before `now` and is still remembered.
pub async fn take_key(
    w: &mut Writer,
    (reporter, key): (&str, &str),
    digest: &SecretDigest,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<Key, StorageError> {
    let args = [
        reporter.into(),
        key.into(),
        digest.as_bytes().into(),
        expires_at.into(),
        now.into(),
    ];
    if w.execute(TAKE_KEY, &args).await? == 1 {
        return Ok(Key::New);
    }
    let row = w.fetch_one(FIND_KEY, &[reporter.into(), key.into()]).await?;
    let known = Columns::new("usage_reports", &row).digest("digest")?;
    Ok(match known.as_bytes() == digest.as_bytes() {
        true => Key::Known,
        false => Key::Conflict,
    })
}

pub async fn delete_expired(w: &mut Writer, now: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_EXPIRED, &[now.into()]).await
}

/// Adds to the counter and returns it as it is afterwards; it is nobody else's until the write ends.
pub async fn add(
    w: &mut Writer,
    (account, metric): (&AccountId, &str),
    period_start: Timestamp,
    quantity: i64,
) -> Result<Counter, StorageError> {
    let args = [
        account.as_str().into(),
        metric.into(),
        period_start.into(),
        quantity.into(),
    ];
    decode(&w.fetch_one(ADD, &args).await?)
}

/// Writes down what of a held counter is paid for.
pub async fn bill(w: &mut Writer, account: &AccountId, counter: &Counter) -> Result<(), StorageError> {
    let args = [
        account.as_str().into(),
        counter.metric.as_str().into(),
        counter.period_start.into(),
        counter.billable.into(),
        counter.charged.into(),
    ];
    w.execute(BILL, &args).await.map(drop)
}

/// Adds to the figures of a day.
pub async fn add_day(w: &mut Writer, account: &AccountId, day: &Day) -> Result<(), StorageError> {
    let args = [
        account.as_str().into(),
        day.metric.as_str().into(),
        day.day.into(),
        day.used.into(),
        day.charged.into(),
    ];
    w.execute(ADD_DAY, &args).await.map(drop)
}

/// Nothing was used when there is none.
pub async fn find(
    q: &mut impl Query,
    (account, metric): (&AccountId, &str),
    period_start: Timestamp,
) -> Result<Option<Counter>, StorageError> {
    let args = [account.as_str().into(), metric.into(), period_start.into()];
    let row = q.fetch_optional(FIND, &args).await?;
    row.map(|row| decode(&row)).transpose()
}

/// Months that begin within the span, in order.
pub async fn list(
    q: &mut impl Query,
    account: &AccountId,
    (from, to): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<Counter>, StorageError> {
    let args = [account.as_str().into(), from.into(), to.into(), limit.into()];
    q.fetch_all(LIST, &args).await?.iter().map(decode).collect()
}

/// Days that begin within the span, in order.
pub async fn list_days(
    q: &mut impl Query,
    account: &AccountId,
    (from, to): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<Day>, StorageError> {
    let args = [account.as_str().into(), from.into(), to.into(), limit.into()];
    let decode = |row: &Row| {
        let columns = Columns::new("usage_days", row);
        Ok(Day {
            metric: columns.text("metric")?,
            day: columns.instant("day")?,
            used: columns.int("used")?,
            charged: columns.int("charged")?,
        })
    };
    q.fetch_all(LIST_DAYS, &args).await?.iter().map(decode).collect()
}
