//! One write as its caller wrote it: run once, guarded against panics, failed statements and endless waits.
//! Does not commit and does not roll back; it says which of the two is due.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::oneshot;

use crate::{StorageError, Writer};

/// Runs the work. `Ok` may be committed, `Err` must be rolled back.
pub(crate) async fn attempt<T, E, F>(work: F, writer: &mut Writer, limit: Duration) -> Result<T, E>
where
    F: for<'w> FnOnce(&'w mut Writer) -> BoxFuture<'w, Result<T, E>> + Send,
    T: Send,
    E: From<StorageError> + Send,
{
    writer.link.failed = false;
    let guarded = AssertUnwindSafe(async { work(&mut *writer).await }).catch_unwind();
    match tokio::time::timeout(limit, guarded).await {
        Err(_) => {
            Err(StorageError::Unavailable("a write took too long and was rolled back".to_owned()).into())
        }
        Ok(Err(_)) => Err(StorageError::Panicked.into()),
        Ok(Ok(Ok(_))) if writer.link.failed => Err(StorageError::FailedStatement.into()),
        Ok(Ok(outcome)) => outcome,
    }
}

/// A work waiting for the writer, its types forgotten.
pub(crate) trait Job: Send {
    /// Runs the work and tells whether its changes are to be kept.
    fn run<'a>(&'a mut self, writer: &'a mut Writer, limit: Duration) -> BoxFuture<'a, bool>;
    /// Answers the caller, once the commit has succeeded or failed. The caller may have left.
    fn settle(self: Box<Self>, failure: Option<StorageError>);
}

pub(crate) struct Pending<T, E, F> {
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Pending<T, E, F> {
    pub(crate) fn new(work: F) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (reply, answer) = oneshot::channel();
        (
            Self {
                work: Some(work),
                outcome: None,
                reply,
            },
            answer,
        )
    }
}

impl<T, E, F> Job for Pending<T, E, F>
where
    F: for<'w> FnOnce(&'w mut Writer) -> BoxFuture<'w, Result<T, E>> + Send,
    T: Send,
    E: From<StorageError> + Send,
{
    fn run<'a>(&'a mut self, writer: &'a mut Writer, limit: Duration) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else {
                return false;
            };
            let outcome = attempt(work, writer, limit).await;
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        })
    }

    fn settle(self: Box<Self>, failure: Option<StorageError>) {
        let answer = match (failure, self.outcome) {
            (Some(failure), _) => Err(failure.into()),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(StorageError::Unavailable("the write was not run".to_owned()).into()),
        };
        // The caller may have gone; the write stands all the same.
        let _ = self.reply.send(answer);
    }
}
