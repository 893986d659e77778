//! `GET /auth/billing/transactions`: the wallet's history, in pages or as a file.

use axum::extract::{Extension, FromRequestParts, OriginalUri, State};
use axum::response::Response;
use http::request::Parts;
use http::{StatusCode, Uri};
use model::Ctx;
use model::billing::{LedgerEntry, MovementKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{WALLET, spreadsheet};
use crate::app::AppState;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::page::Page;
use crate::surfaces::{Failure, query, time};

/// A movement in the books of the account.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::Transaction)]
pub struct TransactionBody {
    #[schema(example = "mov_0123456789abcdefghjkmnpqrs")]
    pub id: String,
    /// When it was booked.
    #[schema(example = "2026-11-21T18:00:00Z")]
    pub at: String,
    /// `topup`, `autopay`, `subscription`, `usage`, `refund` or `adjustment`.
    #[serde(rename = "type")]
    #[schema(example = "topup")]
    pub kind: &'static str,
    /// For people, in one line.
    #[schema(example = "Top-up")]
    pub description: String,
    /// What it is about, above zero, in minor units.
    #[schema(example = 50_000)]
    pub amount: i64,
    /// What it did to the wallet: below zero when something was spent, zero for what did not pass it.
    #[schema(example = 50_000)]
    pub wallet_change: i64,
    /// What the wallet has with it.
    #[schema(example = 118_000)]
    pub balance_after: i64,
    /// Of the amounts.
    #[schema(example = "INR")]
    pub currency: String,
    /// What it stands for, once: `payment:pay_…`, `refund:rfnd_…`.
    #[schema(example = "payment:pay_29QQoUBi66xm2f")]
    pub reference: String,
}

impl From<LedgerEntry> for TransactionBody {
    fn from(entry: LedgerEntry) -> Self {
        Self {
            id: entry.id.to_string(),
            at: time::rfc3339(entry.at),
            kind: entry.kind.as_str(),
            description: entry.description,
            amount: entry.amount,
            wallet_change: entry.wallet_change,
            balance_after: entry.balance_after,
            currency: entry.currency.to_string(),
            reference: entry.reference,
        }
    }
}

#[derive(Deserialize)]
struct Query {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Which of them, and how.
pub struct Wish {
    kind: Option<MovementKind>,
    as_file: bool,
    uri: Uri,
}

impl<S: Send + Sync> FromRequestParts<S> for Wish {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let query: Query = query::parse(&parts.uri)?;
        // With the base path, which the router takes off.
        let whole = parts.extensions.get::<OriginalUri>();
        Ok(Self {
            kind: query.kind.as_deref().map(kind).transpose()?,
            as_file: spreadsheet::is_wanted(&parts.headers),
            uri: whole.map_or_else(|| parts.uri.clone(), |whole| whole.0.clone()),
        })
    }
}

/// A kind of movement by its name.
///
/// # Errors
/// There is none with that name; the known ones are told.
pub fn kind(name: &str) -> Result<MovementKind, Failure> {
    MovementKind::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = MovementKind::ALL.iter().map(|kind| kind.as_str()).collect();
        Failure::invalid_field("type", format!("must be one of {}", names.join(", ")))
    })
}

/// The movements of the account, the newest first.
///
/// Action `billing:View` on `wallet`. With `Accept: text/csv` all of them come as one file; `page` and `limit` don't matter then. A text in
/// it that a spreadsheet would take for a formula has a `'` in front.
#[utoipa::path(get, path = "/billing/transactions", tag = "platform", operation_id = "billing_transactions",
    params(Page, ("type" = Option<String>, Query, description = "Only these: topup, autopay, subscription, usage, refund or adjustment", example = "topup")),
    security(("bearer" = [])),
    responses((status = 200, content((Vec<TransactionBody> = "application/json"), (String = "text/csv")))))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    page: Page,
    wish: Wish,
) -> Result<Response, Failure> {
    let permit = acting.permit(&state, &ctx, "billing:View", WALLET).await?;
    let authority = &state.authority;
    if wish.as_file {
        let export = authority.export_transactions(&permit, wish.kind).await?;
        return Ok(spreadsheet::file(export));
    }
    let offset = i64::try_from(page.offset()).unwrap_or(i64::MAX);
    let part = (offset, i64::from(page.limit));
    let (entries, total) = authority.list_transactions(&permit, wish.kind, part).await?;
    let body: Vec<TransactionBody> = entries.into_iter().map(TransactionBody::from).collect();
    let total = u64::try_from(total).unwrap_or(0);
    Ok(page.describe(private(StatusCode::OK, &body), &wish.uri, total))
}
