//! Success on `/v1` where its document wraps it.
//! Refuses errors: those have one body on all surfaces.

use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use serde::Serialize;
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

/// `data` in its envelope.
pub fn enveloped<T: Serialize>(ctx: &Ctx, status: StatusCode, data: T) -> Response {
    let meta = Meta::of(ctx);
    private(status, &Enveloped { data, meta })
}

/// A part of a list, and how long all of it is.
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
    request: Meta,
    /// Which part this is, from 1.
    #[schema(example = 1)]
    page: u32,
    /// How many entries a part has at the most.
    #[schema(example = 20)]
    limit: u32,
    /// How many entries there are.
    #[schema(example = 150)]
    total: u64,
    /// How many parts there are.
    #[schema(example = 8)]
    total_pages: u64,
}

/// A page of a list in its envelope.
pub fn listed<T: Serialize>(ctx: &Ctx, data: Vec<T>, (page, total): (Page, u64)) -> Response {
    let meta = ListMeta {
        request: Meta::of(ctx),
        page: page.page,
        limit: page.limit,
        total,
        total_pages: page.total_pages(total),
    };
    private(StatusCode::OK, &Listed { data, meta })
}
