//! The one SQLite writer: works that wait together share one commit, each in a savepoint of its own.
//! Answers nobody before the commit is on disk, and never two writers at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_channel::Receiver;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use crate::dialect::BEGIN_SQLITE;
use crate::link::{Driver, Link};
use crate::work::Job;
use crate::{StorageError, Writer};

/// How many works may share a commit.
const LARGEST_BATCH: usize = 256;

/// The writer's side of the queue.
pub(crate) struct Batches {
    pub(crate) options: SqliteConnectOptions,
    pub(crate) queue: Receiver<Box<dyn Job>>,
    pub(crate) commits: Arc<AtomicU64>,
    pub(crate) limit: Duration,
    pub(crate) writer: Option<Writer>,
}

impl Batches {
    /// Works until the queue is closed and empty.
    pub(crate) async fn run(mut self) {
        while let Ok(first) = self.queue.recv().await {
            let mut jobs = vec![first];
            let failure = self.commit(&mut jobs).await.err();
            if let Some(failure) = &failure {
                tracing::warn!(%failure, writes = jobs.len(), "a commit failed");
                self.reset().await;
            }
            for job in jobs {
                job.settle(failure.as_ref().map(StorageError::share));
            }
        }
        self.reset().await;
    }

    /// Runs the first job and all that wait meanwhile, then commits them together.
    async fn commit(&mut self, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), StorageError> {
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => Writer::open(self.options.connect().await?),
        };
        let outcome = self.fill(&mut writer, jobs).await;
        self.writer = Some(writer);
        outcome
    }

    async fn fill(&self, writer: &mut Writer, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), StorageError> {
        writer.queue(BEGIN_SQLITE, &[]).await?;
        while let Some(job) = jobs.last_mut() {
            writer.queue("SAVEPOINT work", &[]).await?;
            let mark = writer.link.queue.mark();
            if !job.run(writer, self.limit).await {
                writer.link.queue.back_to(mark);
                // Fails if SQLite has rolled back everything by itself (disk full): then nobody is told of success.
                writer.execute("ROLLBACK TO work", &[]).await?;
            }
            writer.queue("RELEASE work", &[]).await?;
            if jobs.len() == LARGEST_BATCH {
                break;
            }
            let Ok(next) = self.queue.try_recv() else { break };
            jobs.push(next);
        }
        writer.execute("COMMIT", &[]).await?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Gives up the connection and with it whatever was not committed; the next batch opens another.
    async fn reset(&mut self) {
        if let Some(Writer {
            link: Link {
                driver: Driver::Sqlite(connection),
                ..
            },
        }) = self.writer.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the writing connection did not close cleanly");
        }
    }
}

impl Writer {
    pub(crate) fn open(connection: SqliteConnection) -> Self {
        Self {
            link: Link::new(Driver::Sqlite(connection)),
        }
    }
}
