//! `/auth/billing/invoices`: tax invoices, bills of supply and credit notes, as JSON and as PDF.

use axum::extract::{Extension, FromRequestParts, OriginalUri, Path, State};
use axum::response::Response;
use domain::billing::InvoiceDownloadError;
use http::request::Parts;
use http::{StatusCode, Uri};
use model::Ctx;
use model::billing::tax::{DocumentKind, TaxDocument, TaxDocumentId};
use serde::Deserialize;
use storage::tax_documents::Wanted;

use super::accept;
use super::invoice_body::{InvoiceBody, SummaryBody};
use crate::app::AppState;
use crate::http::invoice_file;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::page::Page;
use crate::surfaces::{Failure, Presented, query};

const ABSENT: &str = "There is no such invoice in this account.";
const VIEW: &str = "billing:ViewInvoices";

#[derive(Deserialize)]
struct Query {
    #[serde(rename = "type")]
    kind: Option<String>,
    financial_year: Option<String>,
}

/// Which of them.
pub struct Wish {
    wanted: Wanted,
    uri: Uri,
}

impl<S: Send + Sync> FromRequestParts<S> for Wish {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let query: Query = query::parse(&parts.uri)?;
        let kind = query.kind.as_deref().map(kind).transpose()?;
        let year = query.financial_year.as_deref().map(|text| {
            text.parse()
                .map_err(|error| Failure::invalid_field("financial_year", format!("{error}")))
        });
        let year = year.transpose()?;
        Ok(Self {
            wanted: Wanted { kind, year },
            uri: whole(parts),
        })
    }
}

/// The address as it was sent; the router takes the base path off.
fn whole(parts: &Parts) -> Uri {
    let sent = parts.extensions.get::<OriginalUri>();
    sent.map_or_else(|| parts.uri.clone(), |OriginalUri(uri)| uri.clone())
}

fn kind(name: &str) -> Result<DocumentKind, Failure> {
    DocumentKind::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = DocumentKind::ALL.iter().map(|kind| kind.as_str()).collect();
        Failure::invalid_field("type", format!("must be one of {}", names.join(", ")))
    })
}

/// Invoices, bills of supply and credit notes of the account, the newest first.
///
/// Action `billing:ViewInvoices` on `invoice/*`.
#[utoipa::path(get, path = "/billing/invoices", tag = "platform", operation_id = "billing_invoices",
    params(Page,
        ("type" = Option<String>, Query, description = "Only these: tax_invoice, bill_of_supply or credit_note", example = "tax_invoice"),
        ("financial_year" = Option<String>, Query, description = "Only those of this year", example = "2026-27")),
    security(("bearer" = [])), responses((status = 200, body = Vec<SummaryBody>)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    page: Page,
    wish: Wish,
) -> Result<Response, Failure> {
    let permit = acting.permit(&state, &ctx, VIEW, "billing:invoice/*").await?;
    let part = (
        i64::from(page.limit),
        i64::try_from(page.offset()).unwrap_or(i64::MAX),
    );
    let (documents, total) = state.authority.list_invoices(&permit, wish.wanted, part).await?;
    let body: Vec<SummaryBody> = documents.iter().map(SummaryBody::from).collect();
    let total = u64::try_from(total).unwrap_or(0);
    Ok(page.describe(private(StatusCode::OK, &body), &wish.uri, total))
}

#[derive(Deserialize)]
struct TokenQuery {
    token: Option<String>,
}

/// How a document is asked for, and by whom.
pub struct Asked {
    acting: Result<Acting, Failure>,
    /// Of `POST /api/auth/download-token`.
    token: Option<String>,
    as_file: bool,
    path: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let query: TokenQuery = query::parse(&parts.uri)?;
        let presented = parts.extensions.get::<Presented>();
        let bare = presented.is_none_or(|presented| matches!(presented, Presented::Nothing));
        if query.token.is_some() && !bare {
            return Err(Failure::invalid(
                "More than one credential was sent. Send the download token alone.",
            ));
        }
        Ok(Self {
            as_file: accept::names(&parts.headers, invoice_file::PDF),
            token: query.token,
            path: whole(parts).path().to_owned(),
            acting: Acting::from_request_parts(parts, state).await,
        })
    }
}

/// One document: as JSON, or as a PDF for whoever asks for `application/pdf`.
///
/// Action `billing:ViewInvoices` on `invoice/<id>`. A browser that can send no header shows a download token in `token` and gets
/// the PDF. What is of another account is 404.
#[utoipa::path(get, path = "/billing/invoices/{id}", tag = "platform", operation_id = "billing_invoice",
    params(("id" = String, Path),
        ("token" = Option<String>, Query, description = "A download token for this path, in place of the header", example = "az_dt_0123456789abcdefghijkl")),
    security(("bearer" = [])),
    responses((status = 200, content((InvoiceBody = "application/json"), (Vec<u8> = "application/pdf")))))]
pub async fn show(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Response, Failure> {
    if let Some(token) = &asked.token {
        // First: a token that finds no room is not used up.
        let place = state.printer.place()?;
        let named = (id.parse().ok(), asked.path.as_str());
        let document = state.authority.download_invoice(&ctx, token, named).await?;
        return Ok(place.print(document).await?);
    }
    let document = find(&state, &ctx, &asked.acting?, &id).await?;
    if asked.as_file {
        return Ok(state.printer.place()?.print(document).await?);
    }
    Ok(private(StatusCode::OK, &InvoiceBody::from(document)))
}

async fn find(state: &AppState, ctx: &Ctx, acting: &Acting, id: &str) -> Result<TaxDocument, Failure> {
    let id: TaxDocumentId = id.parse().map_err(|_| Failure::not_found(ABSENT))?;
    let resource = format!("billing:invoice/{id}");
    let permit = acting.permit(state, ctx, VIEW, &resource).await?;
    let found = state.authority.find_invoice(&permit, id).await?;
    found.ok_or_else(|| Failure::not_found(ABSENT))
}

impl From<InvoiceDownloadError> for Failure {
    fn from(error: InvoiceDownloadError) -> Self {
        match error {
            InvoiceDownloadError::Token(error) => error.into(),
            InvoiceDownloadError::Absent => Self::not_found(ABSENT),
            InvoiceDownloadError::Fault(fault) => fault.into(),
        }
    }
}
