//! Looking through everything that happened on the server.
//! Refuses a place to go on from that this server has not given out for the same search (T06).

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{AuditId, Timestamp};
use storage::audit::StoredEvent;
pub use storage::audit_search::Wanted;

use crate::authority::Authority;
use crate::fault::Fault;

const PURPOSE: &str = "console-audit-cursor";
const PER_PAGE: usize = 50;

/// A page of events, and where to go on.
pub struct AuditPage {
    pub events: Vec<StoredEvent>,
    pub next: Option<String>,
    /// More than was looked at: the next page may have finds although this one has none.
    pub is_cut: bool,
}

impl Authority {
    /// The newest events, or those after the place `from`, which counts for nothing when it was given out for another search.
    ///
    /// # Errors
    /// Storage.
    pub async fn search_audit(&self, wanted: &Wanted, from: &str) -> Result<AuditPage, Fault> {
        let (at, id) = self
            .open_cursor(wanted, from)
            .unwrap_or_else(|| (Timestamp::FAR_FUTURE, String::new()));
        let mut reader = self.database.read().await?;
        let more = PER_PAGE as i64 + 1;
        let mut events = storage::audit_search::search(&mut reader, wanted, (at, &id), more).await?;
        let has_more = events.len() > PER_PAGE;
        events.truncate(PER_PAGE);
        let mut last = events.last().filter(|_| has_more).cloned();
        let mut is_cut = false;
        if last.is_none() && wanted.subject.is_empty() {
            last = storage::audit_search::end_of_look(&mut reader, (at, &id), wanted.since).await?;
            is_cut = last.is_some();
        }
        Ok(AuditPage {
            next: last.map(|event| self.seal_cursor(wanted, &event)),
            events,
            is_cut,
        })
    }

    /// One event in full.
    ///
    /// # Errors
    /// Storage.
    pub async fn find_audit_event(&self, id: &str) -> Result<Option<StoredEvent>, Fault> {
        let Ok(id) = id.parse::<AuditId>() else {
            return Ok(None);
        };
        let mut reader = self.database.read().await?;
        Ok(storage::audit_search::find(&mut reader, &id.to_string()).await?)
    }

    fn seal_cursor(&self, wanted: &Wanted, event: &StoredEvent) -> String {
        let place = format!("{}.{}", event.at.as_micros(), event.id);
        let tag = self.cursor_tag(wanted, &place);
        format!("{place}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    fn open_cursor(&self, wanted: &Wanted, text: &str) -> Option<(Timestamp, String)> {
        let (place, tag) = text.rsplit_once('.')?;
        let expected = URL_SAFE_NO_PAD.encode(self.cursor_tag(wanted, place));
        aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), tag.as_bytes()).ok()?;
        let (at, id) = place.split_once('.')?;
        Some((Timestamp::from_micros(at.parse().ok()?), id.to_owned()))
    }

    fn cursor_tag(&self, wanted: &Wanted, place: &str) -> hmac::Tag {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.sealer.derive(PURPOSE).as_slice());
        let mut context = hmac::Context::with_key(&key);
        let since = wanted.since.as_micros().to_string();
        let parts = [
            wanted.subject.as_str(),
            wanted.action.as_str(),
            wanted.address.as_str(),
            since.as_str(),
            place,
        ];
        for part in parts {
            // Length first, so that no two lists of parts give the same bytes.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        context.sign()
    }
}
