//! Reading the log: a snapshot, or what came after a position, waiting a little for it.
//! Refuses to skip: events come in the order of positions, and none before the last is missing.

use std::time::Duration;

use oauth::revocations::RevocationFeed as FeedPage;
use tokio::time::timeout;

use super::log::{BEGINNING, newer};
use crate::authority::Authority;
use crate::fault::Fault;

/// How long a reader with nothing to read waits.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// Events per answer; a reader that is further behind asks again at once.
const PAGE: i64 = 10_000;

impl Authority {
    /// Everything that may still matter, with the position it is complete to.
    ///
    /// # Errors
    /// Storage.
    pub async fn revocation_snapshot(&self) -> Result<FeedPage, Fault> {
        let mut reader = self.database.read_check().await?;
        // The head first: events that are committed in between are then delivered twice rather than never.
        let head = storage::revocations::head(&mut reader).await?;
        let events = newer(&mut reader, BEGINNING).await?;
        let last = events.last().map_or(0, |event| event.position);
        Ok(FeedPage {
            head: unsigned(head).max(last),
            events,
            more: false,
            keys: self.name_of_keys(),
        })
    }

    /// What came after `after`; if nothing, waits up to about a second for something.
    ///
    /// # Errors
    /// Storage.
    pub async fn revocations_after(&self, after: u64) -> Result<FeedPage, Fault> {
        self.revocations_within(after, LONGEST_WAIT).await
    }

    /// What came after `after`; if nothing, waits up to `longest` until this process knows of something: its own commits,
    /// and those of others as [`Authority::follow_log`] and each check hear of them.
    ///
    /// # Errors
    /// Storage.
    pub async fn revocations_within(&self, after: u64, longest: Duration) -> Result<FeedPage, Fault> {
        let mut moved = self.log().subscribe();
        self.catch_up().await?;
        // Whether it moved or the time is over, the database has the last word.
        let _ = timeout(longest, moved.wait_for(|position| *position != after)).await;
        self.read_after(after).await
    }

    async fn read_after(&self, after: u64) -> Result<FeedPage, Fault> {
        let mut reader = self.database.read_check().await?;
        let head = storage::revocations::head(&mut reader).await?;
        if unsigned(head) <= after {
            return Ok(FeedPage {
                head: unsigned(head),
                keys: self.name_of_keys(),
                ..FeedPage::default()
            });
        }
        let position = i64::try_from(after).unwrap_or(i64::MAX);
        let events = storage::revocations::list_after(&mut reader, position, PAGE).await?;
        // Never past what is delivered: the reader goes on from here.
        let told = events.last().map_or(unsigned(head), |event| event.position);
        Ok(FeedPage {
            head: told,
            events,
            more: told < unsigned(head),
            keys: self.name_of_keys(),
        })
    }

    /// So that a key that was taken away is forgotten by readers too.
    fn name_of_keys(&self) -> Option<String> {
        Some(self.keys.snapshot().verifiers().name())
    }
}

fn unsigned(position: i64) -> u64 {
    u64::try_from(position).unwrap_or(0)
}
