//! One exchange with a client, from request head to the last byte, and the string by which it is ended.
//! It refuses to end politely: what runs is dropped, so that no client takes a cut for an end.

use futures::task::AtomicWaker;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::Poll;

/// Why an exchange was ended before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Ended {
    /// The credential was revoked.
    Revoked = 1,
    /// The credential expired.
    Expired,
    /// Judged again, the credential is not active any more.
    NotPermitted,
    /// The revocation lease lapsed, and nobody could be asked.
    LeaseLapsed,
    /// It lasted as long as the route lets it.
    TooLong,
    /// The proxy leaves.
    GoingAway,
    /// The token has fewer rights than it had, or the policies of the account do not allow this any more.
    Forbidden,
    /// The plan of the account does not give this, or no more of it.
    Exceeded,
}

impl Ended {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::Revoked,
        Self::Expired,
        Self::NotPermitted,
        Self::LeaseLapsed,
        Self::TooLong,
        Self::GoingAway,
        Self::Forbidden,
        Self::Exceeded,
    ];

    /// Its name in logs and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::NotPermitted => "not_permitted",
            Self::LeaseLapsed => "lease_lapsed",
            Self::TooLong => "too_long",
            Self::GoingAway => "going_away",
            Self::Forbidden => "forbidden",
            Self::Exceeded => "entitlement_exceeded",
        }
    }
}

/// The string: who holds it can end the exchange.
#[derive(Debug, Default)]
pub struct Exchange {
    ended: AtomicU8,
    held: AtomicBool,
    waker: AtomicWaker,
}

tokio::task_local! {
    static CURRENT: Arc<Exchange>;
}

impl Exchange {
    /// The exchange that the running task conducts.
    #[must_use]
    pub fn current() -> Option<Arc<Self>> {
        CURRENT.try_with(Arc::clone).ok()
    }

    /// Ends it; only the first reason counts. `false` when it was ended before.
    pub fn end(&self, reason: Ended) -> bool {
        let first = self
            .ended
            .compare_exchange(0, reason as u8, Ordering::AcqRel, Ordering::Acquire)
            .is_ok();
        self.waker.wake();
        first
    }

    /// Why it was ended.
    #[must_use]
    pub fn ended(&self) -> Option<Ended> {
        let number = self.ended.load(Ordering::Acquire);
        Ended::ALL.into_iter().find(|reason| *reason as u8 == number)
    }

    /// Says that somebody holds the string, so that it must be watched from now on.
    pub(super) fn hold(&self) {
        self.held.store(true, Ordering::Release);
    }

    /// Does the work until it is done or the exchange is ended; then the work is dropped where it stands.
    ///
    /// # Errors
    /// Why it was ended.
    pub async fn conduct<F: Future>(self: &Arc<Self>, work: F) -> Result<F::Output, Ended> {
        let mut work = pin!(CURRENT.scope(Arc::clone(self), work));
        poll_fn(|cx| {
            if let Some(reason) = self.ended() {
                return Poll::Ready(Err(reason));
            }
            if let Poll::Ready(output) = work.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            // Nobody can end what nobody holds, which is nearly every exchange.
            if self.held.load(Ordering::Acquire) {
                self.waker.register(cx.waker());
                if let Some(reason) = self.ended() {
                    return Poll::Ready(Err(reason));
                }
            }
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    #[tokio::test]
    async fn work_that_is_done_is_not_cut() {
        let exchange = Arc::new(Exchange::default());
        let found = exchange.conduct(async { Exchange::current().is_some() }).await;
        assert_eq!(found, Ok(true));
        assert!(Exchange::current().is_none());
    }

    #[tokio::test]
    async fn work_that_waits_is_dropped_when_it_is_ended() {
        let exchange = Arc::new(Exchange::default());
        let string = Arc::clone(&exchange);
        let work = async {
            Exchange::current().unwrap().hold();
            pending::<()>().await;
        };
        let task = tokio::spawn(async move { exchange.conduct(work).await });
        while !string.held.load(Ordering::Acquire) {
            tokio::task::yield_now().await;
        }
        assert!(string.end(Ended::Revoked) && !string.end(Ended::Expired));
        assert_eq!(task.await.unwrap(), Err(Ended::Revoked));
    }

    #[tokio::test]
    async fn what_is_ended_while_it_is_polled_gets_no_further() {
        let exchange = Arc::new(Exchange::default());
        let work = async {
            let own = Exchange::current().unwrap();
            own.hold();
            own.end(Ended::Expired);
            pending::<()>().await;
        };
        assert_eq!(exchange.conduct(work).await, Err(Ended::Expired));
    }
}
