//! Which sessions were used lately, kept in memory until the next flush.
//! Refuses to write in line with a request; a crash loses what was not yet flushed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::session::{Session, SessionLimits};
use model::{SessionId, Timestamp};

/// A session is noted at most this often.
const RESOLUTION: Duration = Duration::from_secs(60);
/// Sessions remembered between flushes; more are noted next time they are used.
const MOST: usize = 50_000;

/// Instants of use that the database does not know yet.
#[derive(Default)]
pub struct SessionActivity(Mutex<HashMap<SessionId, Seen>>);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Seen {
    pub at: Timestamp,
    pub idle_expires_at: Timestamp,
}

impl SessionActivity {
    /// The session as it would be after a flush.
    pub(crate) fn latest(&self, mut session: Session) -> Session {
        if let Some(seen) = self
            .lock()
            .get(&session.id)
            .filter(|seen| seen.at > session.last_seen_at)
        {
            session.last_seen_at = seen.at;
            session.idle_expires_at = seen.idle_expires_at;
        }
        session
    }

    pub(crate) fn note(&self, session: &Session, limits: SessionLimits, now: Timestamp) {
        if now < session.last_seen_at.plus(RESOLUTION) {
            return;
        }
        let mut pending = self.lock();
        if pending.len() < MOST || pending.contains_key(&session.id) {
            pending.insert(
                session.id,
                Seen {
                    at: now,
                    idle_expires_at: session.idle_limit_after(now, limits),
                },
            );
        }
    }

    pub(super) fn take(&self) -> Vec<(SessionId, Seen)> {
        self.lock().drain().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
