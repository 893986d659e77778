//! Reading the log: a snapshot, or what came after a position, waiting a little for it.
//! Refuses to skip: events come in the order of positions, without gaps.

use std::time::Duration;

use model::Ctx;
use oauth::revocations::RevocationFeed as FeedPage;
use tokio::time::{Instant, timeout_at};

use super::log::live;
use crate::authority::Authority;
use crate::fault::Fault;

/// How long a reader with nothing to read waits.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// How often the log is looked at for what other processes wrote.
const POLL: Duration = Duration::from_millis(100);
/// Events per answer; a reader that is further behind asks again at once.
const PAGE: i64 = 10_000;

impl Authority {
    /// Everything that still matters, with the position it is complete to.
    ///
    /// # Errors
    /// Storage.
    pub async fn revocation_snapshot(&self, ctx: &Ctx) -> Result<FeedPage, Fault> {
        let mut reader = self.database.read_check().await?;
        // The head first: events that are committed in between are then delivered twice rather than never.
        let head = storage::revocations::head(&mut reader).await?;
        let events = live(&mut reader, ctx.now).await?;
        Ok(FeedPage {
            head: unsigned(head),
            events,
        })
    }

    /// What came after `after`; if nothing, waits up to about a second for something.
    ///
    /// # Errors
    /// Storage.
    pub async fn revocations_after(&self, after: u64) -> Result<FeedPage, Fault> {
        let mut moved = self.log().subscribe();
        let deadline = Instant::now() + LONGEST_WAIT;
        loop {
            self.catch_up().await?;
            if *moved.borrow_and_update() != after || Instant::now() >= deadline {
                return self.read_after(after).await;
            }
            let pause = Instant::now() + POLL;
            let _ = timeout_at(pause.min(deadline), moved.changed()).await;
        }
    }

    async fn read_after(&self, after: u64) -> Result<FeedPage, Fault> {
        let mut reader = self.database.read_check().await?;
        let head = storage::revocations::head(&mut reader).await?;
        if unsigned(head) <= after {
            return Ok(FeedPage {
                head: unsigned(head),
                events: Vec::new(),
            });
        }
        let position = i64::try_from(after).unwrap_or(i64::MAX);
        let events = storage::revocations::list_after(&mut reader, position, PAGE).await?;
        // Never past what is delivered: the reader goes on from here.
        let head = events.last().map_or(unsigned(head), |event| event.position);
        Ok(FeedPage { head, events })
    }
}

fn unsigned(position: i64) -> u64 {
    u64::try_from(position).unwrap_or(0)
}
