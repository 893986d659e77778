//! What happened to an account, for its owner.
//! Refuses events of others: only what the user did, or what was done to them.

use model::user::User;
use model::{AuditId, Timestamp};
use storage::audit::StoredEvent;

use crate::authority::Authority;
use crate::fault::Fault;

/// A place in the history: right before the event with this moment and id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HistoryCursor {
    pub at: Timestamp,
    pub id: String,
}

impl HistoryCursor {
    /// Where the next page begins.
    pub fn after(event: &StoredEvent) -> Self {
        Self {
            at: event.at,
            id: event.id.clone(),
        }
    }

    /// From what [`std::fmt::Display`] has written.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        let id = id.parse::<AuditId>().ok()?.to_string();
        let at = Timestamp::from_micros(at.parse().ok()?);
        Some(Self { at, id })
    }
}

impl std::fmt::Display for HistoryCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at.as_micros(), self.id)
    }
}

impl Authority {
    /// Up to `limit` events of the user, newest first, and where to go on.
    ///
    /// # Errors
    /// Storage.
    pub async fn account_history(
        &self,
        user: &User,
        from: Option<&HistoryCursor>,
        limit: u16,
    ) -> Result<(Vec<StoredEvent>, Option<HistoryCursor>), Fault> {
        let start = from.map_or((Timestamp::FAR_FUTURE, ""), |cursor| {
            (cursor.at, cursor.id.as_str())
        });
        let mut reader = self.database.read().await?;
        // One more than asked for tells whether there is another page.
        let more = i64::from(limit).saturating_add(1);
        let mut events = storage::audit::list_of_user(&mut reader, user.id, start, more).await?;
        let has_more = events.len() > usize::from(limit);
        events.truncate(usize::from(limit));
        let next = events.last().filter(|_| has_more).map(HistoryCursor::after);
        Ok((events, next))
    }
}
