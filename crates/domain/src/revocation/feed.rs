//! Reading the log: a snapshot, or what came after a position, waiting a little for it.
//! Refuses to skip: events come in the order of positions, without gaps.

use std::time::Duration;

use model::Ctx;
use oauth::revocations::RevocationFeed as FeedPage;
use tokio::sync::watch;

use crate::authority::Authority;
use crate::fault::Fault;

/// How long a reader with nothing to read waits.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// How often the log is looked at for what other processes wrote.
const POLL: Duration = Duration::from_millis(100);
/// Events per answer; a reader that is further behind asks again at once.
const PAGE: i64 = 10_000;

/// Wakes readers when the log of this process has grown.
#[derive(Default)]
pub struct RevocationFeed(watch::Sender<u64>);

impl RevocationFeed {
    /// To be called after a transaction that appended to the log has been committed.
    pub fn wake(&self) {
        self.0
            .send_modify(|generation| *generation = generation.wrapping_add(1));
    }

    fn subscribe(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

impl Authority {
    /// Everything that still matters, with the position it is complete to.
    ///
    /// # Errors
    /// Storage.
    pub async fn revocation_snapshot(&self, ctx: &Ctx) -> Result<FeedPage, Fault> {
        let mut reader = self.database.read_check().await?;
        // The head first: events that are committed in between are then delivered twice rather than never.
        let head = storage::revocations::head(&mut reader).await?;
        let mut events = Vec::new();
        let mut after = -1;
        loop {
            let page = storage::revocations::list_live(&mut reader, ctx.now, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = i64::try_from(last.position).unwrap_or(i64::MAX);
            events.extend(page);
        }
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
        let mut wakes = self.revocations.subscribe();
        let deadline = tokio::time::Instant::now() + LONGEST_WAIT;
        loop {
            wakes.mark_unchanged();
            let page = self.read_after(after).await?;
            if page.head != after || tokio::time::Instant::now() >= deadline {
                return Ok(page);
            }
            let pause = tokio::time::Instant::now() + POLL;
            let _ = tokio::time::timeout_at(pause.min(deadline), wakes.changed()).await;
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
