//! Audit events: who did what to what, from where, when.
//! Refuses secrets: details are built from ids, names and reasons only.

pub mod checkpoint;
pub mod details;
mod entry;
mod hash;
mod line;
mod reading;
mod trail;
mod walk;

pub use entry::{Draft, Entry, Personal, SERVER_CHAIN};
pub use hash::{ChainHash, HashError, Parts};
pub use line::{EntryLine, FORMAT, Header, LONGEST_LINE, Line, LineHash, PersonalLine, Signed};
pub use reading::{Reading, Verdict};
pub use trail::{Acting, Noted, Traces, Trail};
pub use walk::{Finding, Findings, Walk};

use serde_json::Value;

use crate::ClientId;
use crate::clock::Timestamp;
use crate::context::{Ctx, Origin};
use crate::id::{AuditId, UserId};

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// Nobody signed in: registration, failed login.
    Anonymous,
    User(UserId),
    Client(ClientId),
    /// The command line or the configuration.
    Operator,
    /// Scheduled work.
    System,
}

impl Actor {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::User(_) => "user",
            Self::Client(_) => "client",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }

    pub fn id(&self) -> Option<String> {
        match self {
            Self::User(id) => Some(id.to_string()),
            Self::Client(id) => Some(id.to_string()),
            Self::Anonymous | Self::Operator | Self::System => None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct AuditEvent {
    pub id: AuditId,
    pub at: Timestamp,
    pub actor: Actor,
    /// `noun.verb` in the past tense: `session.started`.
    pub action: &'static str,
    pub target: Option<String>,
    pub detail: Value,
    pub origin: Origin,
}

impl AuditEvent {
    pub fn new(ctx: &Ctx, actor: Actor, action: &'static str, target: Option<String>, detail: Value) -> Self {
        let id = AuditId::random(ctx.random.as_ref());
        Self {
            id,
            at: ctx.now,
            actor,
            action,
            target,
            detail,
            origin: ctx.origin.clone(),
        }
    }
}
