//! The lines of an export: what it is, entries with checkpoints between them, and a signed end.
//! Refuses any second spelling: a line that is not byte for byte what would be written is not as it was written.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::entry::{Entry, Personal};
use super::hash::{ChainHash, Parts};
use crate::clock::Timestamp;

/// The name of the form.
pub const FORMAT: &str = "authz-audit/1";
/// Longer lines are not read.
pub const LONGEST_LINE: usize = 64 * 1024;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum Line {
    Header(Header),
    Entry(Box<EntryLine>),
    Checkpoint(Signed),
    /// The last one; it is about all lines before it.
    End(Signed),
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    pub format: String,
    pub issuer: String,
    pub account: String,
    pub exported_at: String,
    pub since: Option<String>,
    pub until: Option<String>,
    /// What checkpoints of this log were signed with (RFC 7517). Whoever changes an export can change these, too.
    pub keys: Vec<Map<String, Value>>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    pub jws: String,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryLine {
    pub account: String,
    pub seq: i64,
    pub id: String,
    /// Microseconds since the epoch.
    pub at_micros: i64,
    /// The same for people (RFC 3339).
    pub at: String,
    pub actor_type: String,
    pub actor: Option<String>,
    pub service: String,
    pub method: String,
    pub path: String,
    pub status: u16,
    pub request_id: Option<String>,
    pub resource: Option<String>,
    pub actions: String,
    pub reporter: Option<String>,
    pub prev_hash: ChainHash,
    pub commitment: ChainHash,
    pub hash: ChainHash,
    pub personal: Option<PersonalLine>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonalLine {
    pub salt: ChainHash,
    pub actor_name: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub details: Value,
}

impl Line {
    /// The one spelling, without the line's end.
    pub fn write(&self) -> String {
        // Texts, numbers and maps of texts always serialize.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// # Errors
    /// In words, when it is no line or is spelt otherwise.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST_LINE {
            return Err("it is longer than any line of an export".to_owned());
        }
        let line: Self = serde_json::from_str(text).map_err(|error| format!("it can't be read: {error}"))?;
        match line.write() == text && line.is_canonical() {
            true => Ok(line),
            false => Err("it is not spelt as an export writes it".to_owned()),
        }
    }

    fn is_canonical(&self) -> bool {
        let Self::Entry(line) = self else {
            return true;
        };
        let details = line.personal.as_ref().map(|personal| &personal.details);
        line.at == Timestamp::from_micros(line.at_micros).to_string()
            && details.is_none_or(|details| super::details::canonical(details.clone()) == *details)
    }
}

impl From<Entry> for EntryLine {
    fn from(entry: Entry) -> Self {
        Self {
            account: entry.account,
            seq: entry.seq,
            id: entry.id,
            at_micros: entry.at.as_micros(),
            at: entry.at.to_string(),
            actor_type: entry.actor_type,
            actor: entry.actor,
            service: entry.service,
            method: entry.method,
            path: entry.path,
            status: entry.status,
            request_id: entry.request_id,
            resource: entry.resource,
            actions: entry.actions,
            reporter: entry.reporter,
            prev_hash: entry.prev_hash,
            commitment: entry.commitment,
            hash: entry.hash,
            personal: entry.personal.map(|personal| PersonalLine {
                salt: ChainHash::from_bytes(personal.salt),
                actor_name: personal.actor_name,
                ip: personal.ip,
                user_agent: personal.user_agent,
                details: personal.details,
            }),
        }
    }
}

impl From<EntryLine> for Entry {
    fn from(line: EntryLine) -> Self {
        Self {
            account: line.account,
            seq: line.seq,
            id: line.id,
            at: Timestamp::from_micros(line.at_micros),
            actor_type: line.actor_type,
            actor: line.actor,
            service: line.service,
            method: line.method,
            path: line.path,
            status: line.status,
            request_id: line.request_id,
            resource: line.resource,
            actions: line.actions,
            reporter: line.reporter,
            prev_hash: line.prev_hash,
            commitment: line.commitment,
            hash: line.hash,
            personal: line.personal.map(|personal| Personal {
                salt: *personal.salt.as_bytes(),
                actor_name: personal.actor_name,
                ip: personal.ip,
                user_agent: personal.user_agent,
                details: personal.details,
            }),
        }
    }
}

/// The hash over all lines that the end of an export is about: without what is personal, so that who erases that in a copy
/// is not taken for a forger.
pub struct LineHash(Parts);

impl Default for LineHash {
    fn default() -> Self {
        Self(Parts::new("authz/audit/lines/1"))
    }
}

impl LineHash {
    pub fn add(&mut self, line: &Line) {
        match line {
            Line::Entry(entry) if entry.personal.is_some() => {
                let mut bare = entry.clone();
                bare.personal = None;
                self.0.text(&Line::Entry(bare).write());
            }
            other => self.0.text(&other.write()),
        }
    }

    pub fn finish(self) -> ChainHash {
        self.0.finish()
    }
}
