//! The envelope around success: `data`, and `meta` with the request id.
//! Refuses to let anybody store it.

use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use serde::Serialize;
use serde_json::{Value, json};

use crate::surfaces::answer::private;
use crate::surfaces::page::Page;

pub fn enveloped(ctx: &Ctx, status: StatusCode, data: &impl Serialize) -> Response {
    private(status, &json!({ "data": data, "meta": meta(ctx, json!({})) }))
}

/// A part of a list, with its totals.
pub fn listed(ctx: &Ctx, data: &[impl Serialize], (page, total): (Page, u64)) -> Response {
    let meta = meta(ctx, page.meta(total));
    private(StatusCode::OK, &json!({ "data": data, "meta": meta }))
}

fn meta(ctx: &Ctx, mut meta: Value) -> Value {
    meta["requestId"] = json!(ctx.origin.request_id);
    meta
}
