//! Hearing at once that another replica has committed a revocation: PostgreSQL's LISTEN, on a connection of its own.
//! Refuses to carry news: whoever is woken reads the log, and reads it too when the connection was lost.

use sqlx::PgPool;
use sqlx::postgres::PgListener;

use crate::StorageError;
use crate::dialect::CHANNEL;

/// Wakes its holder; made by [`crate::Database::wakeups`].
pub struct Wakeups {
    pool: PgPool,
    listener: Option<PgListener>,
}

impl Wakeups {
    pub(crate) const fn new(pool: PgPool) -> Self {
        Self { pool, listener: None }
    }

    /// Waits until something may have been committed elsewhere. The first call, and the first after the connection was
    /// lost, returns as soon as it listens, for whatever was missed. After an error the next call connects anew.
    ///
    /// # Errors
    /// When there is no connection, or it was lost.
    pub async fn next(&mut self) -> Result<(), StorageError> {
        let Some(listener) = &mut self.listener else {
            let mut listener = PgListener::connect_with(&self.pool).await?;
            listener.eager_reconnect(false);
            listener.listen(CHANNEL).await?;
            self.listener = Some(listener);
            return Ok(());
        };
        match listener.try_recv().await {
            Ok(Some(_)) => {
                // Those that have come meanwhile are one wake-up.
                while listener.next_buffered().is_some() {}
                Ok(())
            }
            Ok(None) => {
                self.listener = None;
                Err(StorageError::Unavailable(
                    "the listening connection was lost".to_owned(),
                ))
            }
            Err(error) => {
                self.listener = None;
                Err(error.into())
            }
        }
    }
}
