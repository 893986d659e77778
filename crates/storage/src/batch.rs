//! The one SQLite writer: writes that wait together share one commit, each in a savepoint of its own.
//! Answers nobody before the commit is on disk, and never two writers at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_channel::Receiver;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::oneshot;

use crate::dialect::BEGIN_SQLITE;
use crate::link::{Driver, Link};
use crate::script::Script;
use crate::together::{Outcome, Texts, run_all};
use crate::work::Job;
use crate::{StorageError, Writer};

/// How many writes may share a commit.
const LARGEST_BATCH: usize = 256;

/// What waits for the writer.
pub(crate) enum Waiting {
    Work(Box<dyn Job>),
    Script(Script, oneshot::Sender<Outcome>),
}

/// The writer's side of the queue.
pub(crate) struct Batches {
    pub(crate) options: SqliteConnectOptions,
    pub(crate) queue: Receiver<Waiting>,
    pub(crate) commits: Arc<AtomicU64>,
    pub(crate) limit: Duration,
    pub(crate) writer: Option<Writer>,
    pub(crate) texts: Texts,
}

/// The writes of one commit.
#[derive(Default)]
struct Batch {
    works: Vec<Box<dyn Job>>,
    scripts: Vec<Script>,
    replies: Vec<oneshot::Sender<Outcome>>,
    outcomes: Vec<Outcome>,
}

impl Batch {
    fn add(&mut self, waiting: Waiting) {
        match waiting {
            Waiting::Work(job) => self.works.push(job),
            Waiting::Script(script, reply) => {
                self.scripts.push(script);
                self.replies.push(reply);
            }
        }
    }

    fn len(&self) -> usize {
        self.works.len() + self.scripts.len()
    }

    /// Answers every caller; some may have left.
    fn settle(self, failure: Option<&StorageError>) {
        for job in self.works {
            job.settle(failure.map(StorageError::share));
        }
        let mut outcomes = self.outcomes.into_iter();
        for reply in self.replies {
            let outcome = outcomes.next();
            let answer = match failure {
                Some(failure) => Err(failure.share()),
                None => outcome.unwrap_or_else(|| Err(StorageError::Unavailable("not run".to_owned()))),
            };
            let _ = reply.send(answer);
        }
    }
}

impl Batches {
    /// Works until the queue is closed and empty.
    pub(crate) async fn run(mut self) {
        while let Ok(first) = self.queue.recv().await {
            let mut batch = Batch::default();
            batch.add(first);
            let failure = self.commit(&mut batch).await.err();
            if let Some(failure) = &failure {
                tracing::warn!(%failure, writes = batch.len(), "a commit failed");
                self.reset().await;
            }
            batch.settle(failure.as_ref());
        }
        self.reset().await;
    }

    async fn commit(&mut self, batch: &mut Batch) -> Result<(), StorageError> {
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => Writer::open(self.options.connect().await?),
        };
        let outcome = self.fill(&mut writer, batch).await;
        self.writer = Some(writer);
        outcome
    }

    /// Adds what has come to wait meanwhile.
    fn take_in(&self, batch: &mut Batch) {
        while batch.len() < LARGEST_BATCH
            && let Ok(next) = self.queue.try_recv()
        {
            batch.add(next);
        }
    }

    async fn fill(&mut self, writer: &mut Writer, batch: &mut Batch) -> Result<(), StorageError> {
        writer.execute(BEGIN_SQLITE, &[]).await?;
        let mut done = 0;
        loop {
            self.take_in(batch);
            let Some(job) = batch.works.get_mut(done) else {
                break;
            };
            done += 1;
            writer.execute("SAVEPOINT work", &[]).await?;
            if !job.run(writer, self.limit).await {
                // Fails if SQLite has rolled back everything by itself (disk full): then nobody is told of success.
                writer.execute("ROLLBACK TO work", &[]).await?;
            }
            writer.execute("RELEASE work", &[]).await?;
        }
        if !batch.scripts.is_empty() {
            batch.outcomes = run_all(writer, &mut self.texts, &batch.scripts).await?;
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
