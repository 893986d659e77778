//! The database of one process: open it, read, write, close it.
//! A read cannot change anything, and a write is answered only when it is on disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_channel::{Sender, TrySendError};
use futures::future::BoxFuture;
use sqlx::{ConnectOptions, PgPool};
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinHandle;

use crate::batch::{Batches, Waiting};
use crate::dialect::{self, BEGIN_POSTGRES, Dialect};
use crate::link::{Driver, Link};
use crate::readers::Readers;
use crate::together::Texts;
use crate::wakeups::Wakeups;
use crate::work::{Pending, attempt};
use crate::{DatabaseConfig, MigrationReport, Query, Reader, Script, StorageError, Writer};

/// A handle to the database; clones share its connections.
#[derive(Clone)]
pub struct Database {
    backend: Backend,
    readers: Readers,
    checks: Readers,
    commits: Arc<AtomicU64>,
    work_timeout: Duration,
}

#[derive(Clone)]
enum Backend {
    Sqlite {
        queue: Sender<Waiting>,
        task: Arc<Mutex<Option<JoinHandle<()>>>>,
    },
    Postgres {
        writers: PgPool,
        listening: PgPool,
    },
}

impl Database {
    /// Opens the database. It must have been migrated.
    pub async fn connect(config: &DatabaseConfig) -> Result<Self, StorageError> {
        let commits = Arc::new(AtomicU64::new(0));
        let backend = match Dialect::of(&config.url)? {
            Dialect::Sqlite => open_sqlite(config, &commits).await?,
            Dialect::Postgres => Backend::Postgres {
                writers: dialect::postgres_writers(config)?,
                listening: dialect::postgres_listening(config)?,
            },
        };
        let database = Self {
            backend,
            readers: Readers::new(
                dialect::source(config)?,
                dialect::readers(config)?,
                config.acquire_timeout,
            ),
            checks: Readers::new(
                dialect::source(config)?,
                config.check_connections as usize,
                config.acquire_timeout,
            ),
            commits,
            work_timeout: config.work_timeout,
        };
        database.ping().await?;
        Ok(database)
    }

    /// Brings the schema up to date, and what must follow from it. Call it before [`Database::connect`].
    pub async fn migrate(config: &DatabaseConfig) -> Result<MigrationReport, StorageError> {
        let report = crate::migration::migrate(config).await?;
        let database = Self::connect(config).await?;
        let sealed = crate::ledger_seals::seal_older_books(&database).await;
        database.close().await;
        sealed.map(|()| report)
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self.backend {
            Backend::Sqlite { .. } => Dialect::Sqlite,
            Backend::Postgres { .. } => Dialect::Postgres,
        }
    }

    /// A connection to read from; [`StorageError::Busy`] if none is free in time.
    pub async fn read(&self) -> Result<Reader, StorageError> {
        self.readers.acquire().await
    }

    /// Like [`Database::read`], from connections kept for checks of tokens, which slow requests cannot take.
    pub async fn read_check(&self) -> Result<Reader, StorageError> {
        self.checks.acquire().await
    }

    /// Runs `work` in one transaction: `Ok` commits, `Err` rolls back.
    ///
    /// It is answered when the outcome is durable. Once accepted it runs to its end, even if the caller leaves. On SQLite
    /// works run one after the other and those that wait share a commit; if that fails, each of them fails.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'w> FnOnce(&'w mut Writer) -> BoxFuture<'w, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        match &self.backend {
            Backend::Sqlite { queue, .. } => {
                let (job, answer) = Pending::new(work);
                queue
                    .try_send(Waiting::Work(Box::new(job)))
                    .map_err(|error| refused(&error))?;
                answer.await.unwrap_or_else(|_| Err(stopped().into()))
            }
            Backend::Postgres { writers, .. } => {
                let task = tokio::spawn(transact(
                    writers.clone(),
                    work,
                    self.work_timeout,
                    self.commits.clone(),
                ));
                task.await.unwrap_or_else(|_| Err(stopped().into()))
            }
        }
    }

    /// Runs a script in one transaction; false when it decided against itself, and then nothing has changed. Durable,
    /// ordered and shared like [`Database::write`], and cheaper.
    ///
    /// # Errors
    /// As its statements report.
    pub async fn apply(&self, script: Script) -> Result<bool, StorageError> {
        match &self.backend {
            Backend::Sqlite { queue, .. } => {
                let (reply, answer) = oneshot::channel();
                queue
                    .try_send(Waiting::Script(script, reply))
                    .map_err(|error| refused(&error))?;
                answer.await.unwrap_or_else(|_| Err(stopped()))
            }
            Backend::Postgres { .. } => Box::pin(self.apply_by_work(script)).await,
        }
    }

    async fn apply_by_work(&self, script: Script) -> Result<bool, StorageError> {
        let done: Result<(), Undone> = self
            .write(move |w| {
                Box::pin(async move {
                    match w.run(&script).await {
                        Ok(true) => Ok(()),
                        Ok(false) => Err(Undone::Decided),
                        Err(error) => Err(Undone::Failed(error)),
                    }
                })
            })
            .await;
        match done {
            Ok(()) => Ok(true),
            Err(Undone::Decided) => Ok(false),
            Err(Undone::Failed(error)) => Err(error),
        }
    }

    /// Wakes when another process may have committed a revocation; none where no other can tell.
    pub fn wakeups(&self) -> Option<Wakeups> {
        match &self.backend {
            Backend::Sqlite { .. } => None,
            Backend::Postgres { listening, .. } => Some(Wakeups::new(listening.clone())),
        }
    }

    /// How many commits this process has made; fewer than its writes where writes share one.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StorageError> {
        self.read_check()
            .await?
            .fetch_one("SELECT 1", &[])
            .await
            .map(drop)
    }

    /// Lets accepted writes finish, then closes every connection. Later calls fail.
    pub async fn close(&self) {
        self.readers.close().await;
        self.checks.close().await;
        match &self.backend {
            // Last, because the last connection to close empties the write-ahead log into the file.
            Backend::Sqlite { queue, task } => {
                queue.close();
                if let Some(task) = task.lock().await.take()
                    && let Err(error) = task.await
                {
                    tracing::error!(%error, "the writer ended early");
                }
            }
            Backend::Postgres { writers, listening } => {
                listening.close().await;
                writers.close().await;
            }
        }
    }
}

/// Why a script left nothing behind.
enum Undone {
    Decided,
    Failed(StorageError),
}

impl From<StorageError> for Undone {
    fn from(error: StorageError) -> Self {
        Self::Failed(error)
    }
}

async fn open_sqlite(config: &DatabaseConfig, commits: &Arc<AtomicU64>) -> Result<Backend, StorageError> {
    let options = dialect::sqlite_writer(&config.url)?;
    dialect::create_sqlite_file(options.get_filename())?;
    let mut connection = options.connect().await?;
    dialect::require_sound_sqlite(&mut connection).await?;

    let (queue, jobs) = async_channel::bounded(config.queue_capacity.max(1));
    let batches = Batches {
        options,
        queue: jobs,
        commits: commits.clone(),
        limit: config.work_timeout,
        writer: Some(Writer::open(connection)),
        texts: Texts::default(),
    };
    let task = Arc::new(Mutex::new(Some(tokio::spawn(batches.run()))));
    Ok(Backend::Sqlite { queue, task })
}

async fn transact<T, E, F>(pool: PgPool, work: F, limit: Duration, commits: Arc<AtomicU64>) -> Result<T, E>
where
    F: for<'w> FnOnce(&'w mut Writer) -> BoxFuture<'w, Result<T, E>> + Send,
    T: Send,
    E: From<StorageError> + Send,
{
    let transaction = pool
        .begin_with(BEGIN_POSTGRES)
        .await
        .map_err(StorageError::from)?;
    let mut writer = Writer {
        link: Link::new(Driver::Transaction(transaction)),
    };
    let outcome = attempt(work, &mut writer, limit).await;
    let Driver::Transaction(transaction) = writer.link.driver else {
        return Err(stopped().into());
    };
    if outcome.is_ok() {
        transaction.commit().await.map_err(StorageError::from)?;
        commits.fetch_add(1, Ordering::Relaxed);
    } else if let Err(error) = transaction.rollback().await {
        tracing::warn!(%error, "a roll-back failed; the server ends the transaction with the connection");
    }
    outcome
}

fn refused(error: &TrySendError<Waiting>) -> StorageError {
    match error {
        TrySendError::Full(_) => StorageError::Busy,
        TrySendError::Closed(_) => stopped(),
    }
}

fn stopped() -> StorageError {
    StorageError::Unavailable("the database was closed".to_owned())
}
