//! The table of these tests, and a gate that holds a write open without waiting for time.

use std::sync::Arc;

use storage::{Database, Query, Row, StorageError, Writer};
use tokio::sync::Semaphore;

const CREATE: &str = "CREATE TABLE probe (key TEXT PRIMARY KEY, number BIGINT NOT NULL, note TEXT UNIQUE, digest BYTEA, later BIGINT)";
const INSERT: &str = "INSERT INTO probe (key, number) VALUES ($1, $2)";

pub async fn create(db: &Database) {
    db.write::<_, StorageError, _>(|w| Box::pin(async move { w.execute(CREATE, &[]).await }))
        .await
        .unwrap();
}

pub async fn insert(w: &mut Writer, key: &str) -> Result<u64, StorageError> {
    w.execute(INSERT, &[key.into(), 1.into()]).await
}

pub async fn put(db: &Database, key: impl Into<String>) -> Result<u64, StorageError> {
    let key = key.into();
    db.write(move |w| Box::pin(async move { insert(w, &key).await }))
        .await
}

pub async fn find(q: &mut impl Query, key: &str) -> Result<Option<Row>, StorageError> {
    q.fetch_optional(
        "SELECT key, number, note, digest, later FROM probe WHERE key = $1",
        &[key.into()],
    )
    .await
}

pub async fn keys(db: &Database) -> Vec<String> {
    let mut reader = db.read().await.unwrap();
    let rows = reader
        .fetch_all("SELECT key FROM probe ORDER BY key", &[])
        .await
        .unwrap();
    rows.iter().map(|row| row.text("key").unwrap()).collect()
}

/// A write that tells when it has begun and goes on when it is let.
#[derive(Clone)]
pub struct Gate {
    begun: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Gate {
    pub fn closed() -> Self {
        Self {
            begun: Arc::new(Semaphore::new(0)),
            open: Arc::new(Semaphore::new(0)),
        }
    }

    /// Called inside the write.
    pub async fn pass(&self) {
        self.begun.add_permits(1);
        self.open.acquire().await.unwrap().forget();
    }

    pub async fn reached(&self) {
        self.begun.acquire().await.unwrap().forget();
    }

    pub fn open(&self) {
        self.open.add_permits(1);
    }

    /// Inserts `key`, then holds the write open.
    pub async fn hold(self, db: Database, key: &'static str) -> Result<u64, StorageError> {
        db.write(move |w| {
            Box::pin(async move {
                let rows = insert(w, key).await?;
                self.pass().await;
                Ok(rows)
            })
        })
        .await
    }
}
