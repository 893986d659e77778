//! `GET /v1/admin/billing/accounts/{account}` and its transactions: the books of any account, as its own people see them.
//! Refuses to change anything.

use axum::extract::{Extension, FromRequestParts, Path, State};
use axum::response::Response;
use domain::billing::BooksError;
use http::StatusCode;
use http::request::Parts;
use model::Ctx;
use model::billing::MovementKind;
use model::iam::AccountId;
use serde::Deserialize;

use super::administrator::{May, ReadBilling, not_administrator};
use super::envelope::{Enveloped, Listed, enveloped, listed};
use crate::app::AppState;
use crate::surfaces::page::Page;
use crate::surfaces::platform::billing::{OverviewBody, TransactionBody, kind};
use crate::surfaces::{Failure, query};

#[derive(Deserialize)]
struct Wish {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Which movements.
pub struct Wanted {
    kind: Option<MovementKind>,
    page: Page,
}

impl<S: Send + Sync> FromRequestParts<S> for Wanted {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let wish: Wish = query::parse(&parts.uri)?;
        Ok(Self {
            kind: wish.kind.as_deref().map(kind).transpose()?,
            page: Page::from_request_parts(parts, state).await?,
        })
    }
}

/// What an account has, what it spends, and how long that lasts.
///
/// For administrators, and keys with `admin:billing:read`. The same as the account's own people see.
#[utoipa::path(get, path = "/admin/billing/accounts/{account}", tag = "v1", operation_id = "v1_admin_read_books",
    params(("account" = String, Path, description = "The account's number, twelve digits.", example = "123456789012")),
    security(("bearer" = []), ("apiKey" = [])), responses((status = 200, body = Enveloped<OverviewBody>)))]
pub async fn overview(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(account): Path<String>,
    May { by, .. }: May<ReadBilling>,
) -> Result<Response, Failure> {
    let account = parse_account(&account)?;
    let overview = state.authority.account_books(&ctx, &account, &by).await?;
    Ok(enveloped(&ctx, StatusCode::OK, OverviewBody::from(overview)))
}

/// The movements of an account, the newest first.
///
/// For administrators, and keys with `admin:billing:read`. The same as the account's own people see.
#[utoipa::path(get, path = "/admin/billing/accounts/{account}/transactions", tag = "v1",
    operation_id = "v1_admin_list_transactions",
    params(("account" = String, Path, description = "The account's number, twelve digits.", example = "123456789012"), Page,
        ("type" = Option<String>, Query, description = "Only these: topup, autopay, subscription, usage, refund or adjustment", example = "adjustment")),
    security(("bearer" = []), ("apiKey" = [])), responses((status = 200, body = Listed<TransactionBody>)))]
pub async fn transactions(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(account): Path<String>,
    May { by, .. }: May<ReadBilling>,
    wanted: Wanted,
) -> Result<Response, Failure> {
    let Wanted { kind, page } = wanted;
    let account = parse_account(&account)?;
    let offset = i64::try_from(page.offset()).unwrap_or(i64::MAX);
    let part = (offset, i64::from(page.limit));
    let found = state.authority.account_movements((&account, &by), kind, part);
    let (entries, total) = found.await?;
    let body = entries.into_iter().map(TransactionBody::from).collect();
    Ok(listed(&ctx, body, (page, u64::try_from(total).unwrap_or(0))))
}

pub(super) fn parse_account(text: &str) -> Result<AccountId, Failure> {
    text.parse().map_err(|_| unknown())
}

pub(super) fn unknown() -> Failure {
    Failure::not_found("There is no account with this number.")
}

impl From<BooksError> for Failure {
    fn from(error: BooksError) -> Self {
        match error {
            BooksError::NotAdministrator => not_administrator(),
            BooksError::NoSuchAccount => unknown(),
            BooksError::Fault(fault) => fault.into(),
        }
    }
}
