//! The newest entries of an account, and those among them that are looked for.
//! Refuses to look through more than a window at a time: then it says where to go on.

use model::Timestamp;
use model::audit::Entry;
use storage::audit_entries::Search;

use super::cursor::Before;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::iam::Permit;

/// The most entries in one answer.
pub const MOST_LISTED: u16 = 200;
/// How many entries are looked at for one answer.
const WINDOW: i64 = 100_000;

/// What is looked for; empty asks for nothing.
#[derive(Clone, Default, Debug)]
pub struct AuditFilter {
    pub service: String,
    /// In capitals.
    pub method: String,
    /// A text anywhere in the entry, whatever the case of its letters.
    pub q: String,
    /// The id or the name of who has acted.
    pub actor: String,
    pub status: Option<u16>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub before: Option<Before>,
    /// At most [`MOST_LISTED`].
    pub limit: u16,
}

/// Entries, newest first.
pub struct AuditPage {
    pub entries: Vec<Entry>,
    /// Where older ones are to be looked for, when there can be any.
    pub next: Option<Before>,
}

impl Authority {
    /// # Errors
    /// Storage.
    pub async fn audit_log(&self, permit: &Permit, filter: &AuditFilter) -> Result<AuditPage, Fault> {
        self.audit_log_of(permit.account().as_str(), filter).await
    }

    /// The caller has seen to it that whoever asks may read it.
    pub(crate) async fn audit_log_of(&self, account: &str, filter: &AuditFilter) -> Result<AuditPage, Fault> {
        let mut reader = self.database.read().await?;
        let Some(chain) = storage::audit_chains::find(&mut reader, account).await? else {
            return Ok(AuditPage {
                entries: Vec::new(),
                next: None,
            });
        };
        let head = chain.seq.saturating_add(1);
        let before = filter.before.map_or(head, |before| before.0.min(head));
        let from = before.saturating_sub(WINDOW).max(chain.first.0);
        let limit = filter.limit.clamp(1, MOST_LISTED);
        let wanted = Search {
            account,
            before,
            from,
            since: filter.since.unwrap_or(Timestamp::EPOCH),
            until: filter.until.unwrap_or(Timestamp::FAR_FUTURE),
            service: &filter.service,
            method: &filter.method,
            status: filter.status.map_or(0, i64::from),
            actor: &filter.actor,
            text: &filter.q,
            limit: i64::from(limit),
        };
        let entries = storage::audit_entries::search(&mut reader, &wanted).await?;
        let is_full = entries.len() >= usize::from(limit);
        let reached = match entries.last().filter(|_| is_full) {
            Some(last) => last.seq,
            None => from,
        };
        let next = (reached > chain.first.0).then_some(Before(reached));
        Ok(AuditPage { entries, next })
    }
}
