//! Writing an audit row inside the transaction that makes the change.

use model::Ctx;
use model::audit::{Actor, AuditEvent};
use serde_json::Value;
use storage::{Perform, StorageError};

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
    storage::audit::insert(w, &AuditEvent::new(ctx, actor, action, target, detail)).await
}
