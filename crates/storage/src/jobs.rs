//! The `jobs` table.

use model::job::{ClaimedJob, FailedJob};
use model::{JobId, Timestamp, UserId};

use crate::decode::Columns;
use crate::{Perform, Query, StorageError, Writer};

const TABLE: &str = "jobs";

const INSERT: &str = "INSERT INTO jobs (id, kind, payload, created_at, run_at, attempts, user_id) VALUES ($1, $2, $3, $4, $5, 0, $6)";
// The lease is asked for twice: PostgreSQL looks again at rows that another worker has just taken.
const CLAIM: &str = "UPDATE jobs SET leased_until = $2, attempts = attempts + 1 WHERE id IN (SELECT id FROM jobs WHERE run_at <= $1 AND failed_at IS NULL AND (leased_until IS NULL OR leased_until <= $1) ORDER BY run_at LIMIT $3) AND failed_at IS NULL AND (leased_until IS NULL OR leased_until <= $1) RETURNING id, kind, payload, attempts, leased_until, user_id";
const DONE: &str = "DELETE FROM jobs WHERE id = $1 AND leased_until = $2";
const RETRY: &str =
    "UPDATE jobs SET leased_until = NULL, run_at = $3, last_error = $4 WHERE id = $1 AND leased_until = $2";
const GIVE_UP: &str = "UPDATE jobs SET leased_until = NULL, failed_at = $3, last_error = $4 WHERE id = $1 AND leased_until = $2";
const NOTE_USER: &str = "UPDATE jobs SET user_id = $2 WHERE id = $1 AND user_id IS NULL";
const DELETE_OF_USER: &str = "DELETE FROM jobs WHERE user_id = $1";
const DELETE_OF_KIND: &str = "DELETE FROM jobs WHERE user_id = $1 AND kind = $2";
const LIST_FAILED: &str = "SELECT id, kind, failed_at, last_error FROM jobs WHERE failed_at IS NOT NULL ORDER BY failed_at DESC LIMIT $1";
const COUNT_WAITING: &str = "SELECT count(*) AS n FROM jobs WHERE failed_at IS NULL";
const BACKLOG: &str =
    "SELECT count(*) AS n, min(run_at) AS oldest FROM jobs WHERE failed_at IS NULL AND run_at <= $1";
const LIST_STRUGGLING: &str = "SELECT kind, attempts, run_at, last_error FROM jobs WHERE failed_at IS NULL AND last_error IS NOT NULL ORDER BY run_at LIMIT $1";

pub(crate) const STATEMENTS: &[&str] = &[
    BACKLOG,
    LIST_STRUGGLING,
    INSERT,
    CLAIM,
    DONE,
    RETRY,
    GIVE_UP,
    NOTE_USER,
    DELETE_OF_USER,
    DELETE_OF_KIND,
    LIST_FAILED,
    COUNT_WAITING,
];

/// `payload` is sealed; the user is whom it is about.
pub async fn insert(
    w: &mut impl Perform,
    (id, kind, payload): (JobId, &str, &[u8]),
    user: Option<UserId>,
    (now, run_at): (Timestamp, Timestamp),
) -> Result<(), StorageError> {
    let (id, user) = (id.to_string(), user.map(|id| id.to_string()));
    let args = [
        id.as_str().into(),
        kind.into(),
        payload.into(),
        now.into(),
        run_at.into(),
        user.as_deref().into(),
    ];
    w.perform(INSERT, &args).await
}

/// Takes up to `limit` jobs that are due, until `leased_until`.
pub async fn claim(
    w: &mut Writer,
    now: Timestamp,
    leased_until: Timestamp,
    limit: i64,
) -> Result<Vec<ClaimedJob>, StorageError> {
    let rows = w
        .fetch_all(CLAIM, &[now.into(), leased_until.into(), limit.into()])
        .await?;
    let jobs = rows.iter().map(|row| {
        let columns = Columns::new(TABLE, row);
        Ok(ClaimedJob {
            id: columns.parsed("id")?,
            kind: columns.text("kind")?,
            user_id: columns.opt_parsed("user_id")?,
            payload: columns.bytes("payload")?,
            attempts: columns.int("attempts")?,
            leased_until: columns.instant("leased_until")?,
        })
    });
    jobs.collect()
}

/// The job is done and gone; nothing happens when the lease was lost.
pub async fn done(w: &mut impl Perform, job: &ClaimedJob) -> Result<(), StorageError> {
    let id = job.id.to_string();
    w.perform(DONE, &[id.as_str().into(), job.leased_until.into()])
        .await
}

/// It failed: to be tried again at `retry_at`, or given up at `now`.
pub async fn failed(
    w: &mut impl Perform,
    job: &ClaimedJob,
    (retry_at, now): (Option<Timestamp>, Timestamp),
    error: &str,
) -> Result<(), StorageError> {
    let (sql, at) = match retry_at {
        Some(at) => (RETRY, at),
        None => (GIVE_UP, now),
    };
    let id = job.id.to_string();
    let args = [
        id.as_str().into(),
        job.leased_until.into(),
        at.into(),
        error.into(),
    ];
    w.perform(sql, &args).await
}

/// Whom the job is about, found out later.
pub async fn note_user(w: &mut impl Perform, job: JobId, user: UserId) -> Result<(), StorageError> {
    let (job, user) = (job.to_string(), user.to_string());
    w.perform(NOTE_USER, &[job.as_str().into(), user.as_str().into()])
        .await
}

/// Everything that is still to be done, or was given up, about the user.
pub async fn delete_of_user(w: &mut Writer, user: UserId) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_USER, &[user.to_string().as_str().into()])
        .await
}

/// The same for jobs of one kind.
pub async fn delete_of_kind(w: &mut Writer, user: UserId, kind: &str) -> Result<u64, StorageError> {
    let user = user.to_string();
    w.execute(DELETE_OF_KIND, &[user.as_str().into(), kind.into()])
        .await
}

/// What was given up, newest first.
pub async fn list_failed(q: &mut impl Query, limit: i64) -> Result<Vec<FailedJob>, StorageError> {
    let rows = q.fetch_all(LIST_FAILED, &[limit.into()]).await?;
    let jobs = rows.iter().map(|row| {
        let columns = Columns::new(TABLE, row);
        Ok(FailedJob {
            id: columns.parsed("id")?,
            kind: columns.text("kind")?,
            failed_at: columns.instant("failed_at")?,
            last_error: columns.opt_text("last_error")?.unwrap_or_default(),
        })
    });
    jobs.collect()
}

/// How many have still to be done.
pub async fn count_waiting(q: &mut impl Query) -> Result<i64, StorageError> {
    q.fetch_one(COUNT_WAITING, &[]).await?.int("n")
}

/// How many are due at `now`, and since when the oldest of them.
pub async fn backlog(q: &mut impl Query, now: Timestamp) -> Result<(i64, Option<Timestamp>), StorageError> {
    let row = q.fetch_one(BACKLOG, &[now.into()]).await?;
    Ok((row.int("n")?, row.opt_int("oldest")?.map(Timestamp::from_micros)))
}

/// A job that failed and will be tried again.
#[derive(Clone, Debug)]
pub struct StrugglingJob {
    pub kind: String,
    pub attempts: i64,
    pub next_at: Timestamp,
    pub last_error: String,
}

/// What failed and will be tried again, whatever comes next first.
pub async fn list_struggling(q: &mut impl Query, limit: i64) -> Result<Vec<StrugglingJob>, StorageError> {
    let rows = q.fetch_all(LIST_STRUGGLING, &[limit.into()]).await?;
    let jobs = rows.iter().map(|row| {
        let columns = Columns::new(TABLE, row);
        Ok(StrugglingJob {
            kind: columns.text("kind")?,
            attempts: columns.int("attempts")?,
            next_at: columns.instant("run_at")?,
            last_error: columns.opt_text("last_error")?.unwrap_or_default(),
        })
    });
    jobs.collect()
}
