//! The SQLite connections that read: a fixed number, handed from caller to caller without a round trip.
//! Never writes, and never waits longer than it was told.

use std::sync::Arc;
use std::time::Duration;

use async_channel::{Receiver, Sender, TryRecvError};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use crate::link::{Driver, Link};
use crate::{Reader, StorageError};

/// A place in the pool; one whose connection was lost is opened again by the next caller.
enum Slot {
    Open(SqliteConnection),
    Lost,
}

/// The way back into the pool.
#[derive(Clone)]
pub(crate) struct Home(Sender<Slot>);

impl Home {
    /// Keeps a sound connection; after an error it is replaced, whatever the error was.
    pub(crate) fn take_back(&self, driver: Driver, failed: bool) {
        let slot = match driver {
            Driver::Sqlite(connection) if !failed => Slot::Open(connection),
            _ => Slot::Lost,
        };
        // Fails only after the pool was closed, and then the connection closes by being dropped.
        let _ = self.0.try_send(slot);
    }
}

/// A pool of readers.
#[derive(Clone)]
pub(crate) struct Readers {
    options: Arc<SqliteConnectOptions>,
    slots: Receiver<Slot>,
    home: Home,
    patience: Duration,
}

impl Readers {
    pub(crate) fn new(options: SqliteConnectOptions, size: usize, patience: Duration) -> Self {
        let (sender, slots) = async_channel::bounded(size.max(1));
        let home = Home(sender);
        for _ in 0..size.max(1) {
            home.take_back(Driver::Gone, false);
        }
        Self {
            options: Arc::new(options),
            slots,
            home,
            patience,
        }
    }

    pub(crate) async fn acquire(&self) -> Result<Reader, StorageError> {
        let slot = match self.slots.try_recv() {
            Ok(slot) => slot,
            Err(TryRecvError::Closed) => return Err(closed()),
            Err(TryRecvError::Empty) => match tokio::time::timeout(self.patience, self.slots.recv()).await {
                Err(_) => return Err(StorageError::Busy),
                Ok(Err(_)) => return Err(closed()),
                Ok(Ok(slot)) => slot,
            },
        };
        // From here on the reader's destructor gives the place back, even if opening fails or is cancelled.
        let mut reader = Reader {
            link: Link::new(Driver::Gone),
            home: Some(self.home.clone()),
        };
        reader.link.driver = match slot {
            Slot::Open(connection) => Driver::Sqlite(connection),
            Slot::Lost => Driver::Sqlite(self.options.connect().await?),
        };
        Ok(reader)
    }

    pub(crate) async fn close(&self) {
        self.slots.close();
        while let Ok(slot) = self.slots.try_recv() {
            if let Slot::Open(connection) = slot
                && let Err(error) = connection.close().await
            {
                tracing::warn!(%error, "a reading connection did not close cleanly");
            }
        }
    }
}

fn closed() -> StorageError {
    StorageError::Unavailable("the database was closed".to_owned())
}
