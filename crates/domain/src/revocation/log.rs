//! The revocation log as this process knows it: in memory, so that a check costs no statement.
//! Refuses to be behind what this process has answered; on PostgreSQL, behind what anybody has committed.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use model::Timestamp;
use oauth::revocation_index::{RevocationIndex, TokenKeys};
use oauth::revocations::RevocationEvent;
use storage::revocations::Heads;
use storage::{Dialect, Reader, StorageError};
use tokio::sync::watch;

use super::rounds::Rounds;
use crate::authority::Authority;
use crate::fault::Fault;

/// Events read at once while catching up.
const PAGE: i64 = 10_000;
/// Before the first. The whole log is read whatever the time is: it holds no more than what was not cleared up, and a clock
/// that is wrong for a while must not make anybody forget what will matter when it is set right.
pub(super) const BEGINNING: i64 = -1;

/// What is known of the log, and how far that goes.
#[derive(Default)]
pub(crate) struct RevocationLog {
    known: RwLock<Known>,
    rounds: Rounds,
    /// The position, for those who wait for it to move.
    moved: watch::Sender<u64>,
}

#[derive(Default)]
struct Known {
    index: RevocationIndex,
    /// All events up to this one are in the index; none before the first look.
    heads: Option<Heads>,
}

/// What the log says of one token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Verdict {
    pub killed: bool,
    /// The position that this was read at.
    pub position: u64,
}

impl RevocationLog {
    /// A few look-ups in memory. `read_at`: the position before the facts were read, when they may be read anew.
    pub(crate) fn verdict(&self, keys: &TokenKeys<'_>, read_at: Option<u64>) -> Verdict {
        let known = self.read();
        Verdict {
            killed: known.index.killed(keys, read_at),
            position: known.position(),
        }
    }

    pub(crate) fn position(&self) -> u64 {
        self.read().position()
    }

    /// Differs whenever a client or a secret may have changed.
    pub(crate) fn clients_version(&self) -> i64 {
        self.read().heads.map_or(0, |heads| heads.clients)
    }

    /// Drops what can't matter any more.
    pub(crate) fn forget(&self, now: Timestamp) {
        self.write().index.forget(now.as_seconds());
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    fn is_loaded(&self) -> bool {
        self.read().heads.is_some()
    }

    fn known_position(&self) -> Option<i64> {
        self.read().heads.map(|heads| heads.revocations)
    }

    fn apply(&self, events: &[RevocationEvent], heads: Heads) {
        let mut known = self.write();
        for event in events {
            known.index.apply(event);
        }
        known.heads = Some(heads);
        let position = known.position();
        drop(known);
        self.moved
            .send_if_modified(|before| std::mem::replace(before, position) != position);
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn position(&self) -> u64 {
        let position = self.heads.map_or(0, |heads| heads.revocations);
        u64::try_from(position).unwrap_or(0)
    }
}

impl Authority {
    /// Waits until everything that was committed before this call is known here. Callers that come together share one
    /// statement.
    ///
    /// # Errors
    /// Storage.
    pub async fn catch_up(&self) -> Result<(), Fault> {
        let place = self.log().rounds.join();
        if place.leads {
            let authority = self.clone();
            // On its own, so that it goes on for the others when this caller leaves.
            tokio::spawn(async move {
                let look = || authority.look_at_log();
                authority.log().rounds.run(look).await;
            });
        }
        match place.outcome.await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => Err(Fault::Overloaded("the revocation log could not be read")),
        }
    }

    /// Makes what is remembered good to use. On SQLite this process hears of its own changes as it makes them, and
    /// looks for those of others ten times a second; on PostgreSQL other replicas write, so the log's head is asked for.
    pub(crate) async fn keep_up(&self) -> Result<(), Fault> {
        match self.database.dialect() {
            Dialect::Sqlite if self.log().is_loaded() => Ok(()),
            Dialect::Sqlite | Dialect::Postgres => self.catch_up().await,
        }
    }

    async fn look_at_log(&self) -> Result<(), StorageError> {
        let mut reader = self.database.read_check().await?;
        let heads = storage::revocations::heads(&mut reader).await?;
        let events = match self.log().known_position() {
            Some(position) if position >= heads.revocations => Vec::new(),
            Some(position) => newer(&mut reader, position).await?,
            None => newer(&mut reader, BEGINNING).await?,
        };
        let last = events
            .last()
            .and_then(|event| i64::try_from(event.position).ok())
            .unwrap_or(0);
        let revocations = heads.revocations.max(last);
        self.log().apply(&events, Heads { revocations, ..heads });
        Ok(())
    }
}

/// Everything after `position`, in order.
pub(super) async fn newer(reader: &mut Reader, position: i64) -> Result<Vec<RevocationEvent>, StorageError> {
    let (mut events, mut after) = (Vec::new(), position);
    loop {
        let page = storage::revocations::list_after(reader, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(events);
        };
        after = i64::try_from(last.position).unwrap_or(i64::MAX);
        events.extend(page);
    }
}
