//! What the audit log says of keys: which one, of what kind, and how it begins.
//! Refuses its text.

use model::Ctx;
use model::api_key::ApiKey;
use model::audit::Actor;
use serde_json::{Value, json};
use storage::{StorageError, Writer};

use crate::audit::{Happened, record};

pub(super) async fn note(
    w: &mut Writer,
    ctx: &Ctx,
    (actor, action): (Actor, &'static str),
    (key, more): (&ApiKey, Value),
) -> Result<(), StorageError> {
    let mut detail = json!({
        "kind": key.kind,
        "name": key.name.as_str(),
        "prefix": key.prefix,
    });
    if let (Some(all), Value::Object(more)) = (detail.as_object_mut(), more) {
        all.extend(more);
    }
    let target = Some(key.id.to_string());
    record(
        w,
        ctx,
        Happened {
            actor,
            action,
            target,
            detail,
        },
    )
    .await
}
