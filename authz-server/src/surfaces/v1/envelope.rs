//! Success on `/v1` where its document wraps it.
//! Refuses errors: those have one body on all surfaces.

use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use serde::Serialize;
use utoipa::ToSchema;

use crate::surfaces::answer::private;

/// `data`, and which request it answers.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::Enveloped)]
pub struct Enveloped<T> {
    data: T,
    meta: Meta,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = v1::Meta)]
pub struct Meta {
    #[schema(example = "req_0123456789abcdef")]
    request_id: String,
}

impl Meta {
    pub fn of(ctx: &Ctx) -> Self {
        Self {
            request_id: ctx.origin.request_id.clone().unwrap_or_default(),
        }
    }
}

/// `data` in its envelope.
pub fn enveloped<T: Serialize>(ctx: &Ctx, status: StatusCode, data: T) -> Response {
    let meta = Meta::of(ctx);
    private(status, &Enveloped { data, meta })
}
