//! The connections that read: a fixed number, handed from caller to caller without a round trip.
//! Never writes, and never waits longer than it was told.

use std::sync::Arc;
use std::time::Duration;

use async_channel::{Receiver, Sender, TryRecvError};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tokio::time::{Instant, timeout};

use crate::dialect::IDLE_BEFORE_TEST;
use crate::link::{Driver, Link};
use crate::{Reader, StorageError};

/// How to open a reading connection.
pub(crate) enum Source {
    Sqlite(SqliteConnectOptions),
    Postgres(PgConnectOptions),
}

impl Source {
    async fn open(&self) -> Result<Driver, sqlx::Error> {
        match self {
            Self::Sqlite(options) => options.connect().await.map(Driver::Sqlite),
            Self::Postgres(options) => options.connect().await.map(Driver::Postgres),
        }
    }
}

/// A place in the pool; one whose connection was lost is opened again by the next caller.
enum Slot {
    Open { driver: Driver, rests_since: Instant },
    Lost,
}

/// The way back into the pool.
#[derive(Clone)]
pub(crate) struct Home(Sender<Slot>);

impl Home {
    /// Keeps a sound connection; after an error, or in the middle of a statement, it is replaced.
    pub(crate) fn take_back(&self, driver: Driver, failed: bool) {
        let slot = match driver {
            Driver::Gone => Slot::Lost,
            _ if failed => Slot::Lost,
            driver => Slot::Open {
                driver,
                rests_since: Instant::now(),
            },
        };
        // Fails only after the pool was closed, and then the connection closes by being dropped.
        let _ = self.0.try_send(slot);
    }
}

/// A pool of readers.
#[derive(Clone)]
pub(crate) struct Readers {
    source: Arc<Source>,
    slots: Receiver<Slot>,
    home: Home,
    patience: Duration,
}

impl Readers {
    pub(crate) fn new(source: Source, size: usize, patience: Duration) -> Self {
        let (sender, slots) = async_channel::bounded(size.max(1));
        let home = Home(sender);
        for _ in 0..size.max(1) {
            home.take_back(Driver::Gone, false);
        }
        Self {
            source: Arc::new(source),
            slots,
            home,
            patience,
        }
    }

    pub(crate) async fn acquire(&self) -> Result<Reader, StorageError> {
        let slot = match self.slots.try_recv() {
            Ok(slot) => slot,
            Err(TryRecvError::Closed) => return Err(closed()),
            Err(TryRecvError::Empty) => match timeout(self.patience, self.slots.recv()).await {
                Err(_) => return Err(StorageError::Busy),
                Ok(Err(_)) => return Err(closed()),
                Ok(Ok(slot)) => slot,
            },
        };
        // From here on the reader's destructor gives the place back, even if opening fails or is cancelled.
        let mut reader = Reader {
            link: Link::new(Driver::Gone),
            home: self.home.clone(),
        };
        reader.link.driver = match rested(slot).await {
            Some(driver) => driver,
            // Boxed: it is rare and large, and a part of every future that reads.
            None => timeout(self.patience, Box::pin(self.source.open()))
                .await
                .map_err(|_| StorageError::Unavailable("the database does not answer".to_owned()))??,
        };
        Ok(reader)
    }

    pub(crate) async fn close(&self) {
        self.slots.close();
        while let Ok(slot) = self.slots.try_recv() {
            let outcome = match slot {
                Slot::Open {
                    driver: Driver::Sqlite(connection),
                    ..
                } => connection.close().await,
                Slot::Open {
                    driver: Driver::Postgres(connection),
                    ..
                } => connection.close().await,
                _ => Ok(()),
            };
            if let Err(error) = outcome {
                tracing::warn!(%error, "a reading connection did not close cleanly");
            }
        }
    }
}

/// The slot's connection if it is still good; a busy one is not asked, its next statement will tell.
async fn rested(slot: Slot) -> Option<Driver> {
    let Slot::Open {
        mut driver,
        rests_since,
    } = slot
    else {
        return None;
    };
    if let Driver::Postgres(connection) = &mut driver
        && rests_since.elapsed() > IDLE_BEFORE_TEST
        && !matches!(timeout(IDLE_BEFORE_TEST, connection.ping()).await, Ok(Ok(())))
    {
        return None;
    }
    Some(driver)
}

fn closed() -> StorageError {
    StorageError::Unavailable("the database was closed".to_owned())
}
