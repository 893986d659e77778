//! The audit log: what happens is written inside the transaction that makes the change, and every request has an entry in a chain.
//! Refuses secrets, and entries that could be changed afterwards without it being seen.

mod append;
mod checkpoints;
mod cursor;
mod erase;
mod export;
mod keys;
mod list;
mod prune;
mod reports;
mod request;
mod verify;

use model::Ctx;
use model::audit::{Actor, AuditEvent, Noted};
use serde_json::Value;
use storage::{Perform, StorageError};

pub use cursor::Before;
pub(crate) use erase::erase_person;
pub use export::{Export, ExportError, Span};
pub use list::{AuditFilter, AuditPage, MOST_LISTED};
pub use reports::{MOST_REPORTED, Report, ReportError, Reported};
pub use request::Answered;
pub(crate) use request::{acting_of, person_acting};
pub use verify::Verified;

/// What happened, before it is known when, where and under which id.
pub(crate) struct Happened {
    pub actor: Actor,
    pub action: &'static str,
    pub target: Option<String>,
    pub detail: Value,
}

pub(crate) async fn record(w: &mut impl Perform, ctx: &Ctx, happened: Happened) -> Result<(), StorageError> {
    let Happened {
        actor,
        action,
        target,
        detail,
    } = happened;
    ctx.origin.trail.note(Noted {
        actor: actor.clone(),
        action,
        target: target.clone(),
        detail: detail.clone(),
    });
    storage::audit::insert(w, &AuditEvent::new(ctx, actor, action, target, detail)).await
}
