//! Success on `/v1` where its document wraps it.
//! Refuses errors: those have one body on all surfaces.

use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::surfaces::answer::private;
use crate::surfaces::page::Page;

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

/// A part of a list, and how long the whole is.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::Listed)]
pub struct Listed<T> {
    data: Vec<T>,
    meta: ListMeta,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = v1::ListMeta)]
pub struct ListMeta {
    #[serde(flatten)]
    meta: Meta,
    #[serde(flatten)]
    #[schema(value_type = PageMeta)]
    page: Value,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what a page says of itself")]
#[schema(as = v1::PageMeta, rename_all = "camelCase")]
pub struct PageMeta {
    page: u32,
    limit: u32,
    total: u64,
    total_pages: u64,
}

/// A part of a list in its envelope.
pub fn listed<T: Serialize>(ctx: &Ctx, (page, total): (Page, u64), data: Vec<T>) -> Response {
    let meta = ListMeta {
        meta: Meta::of(ctx),
        page: page.meta(total),
    };
    private(StatusCode::OK, &Listed { data, meta })
}

/// `data` in its envelope.
pub fn enveloped<T: Serialize>(ctx: &Ctx, status: StatusCode, data: T) -> Response {
    let meta = Meta::of(ctx);
    private(status, &Enveloped { data, meta })
}
