//! `/account/billing/invoices`: what was billed, each document to be saved as a file.
//! Refuses other accounts' documents: they are not there.

use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use model::billing::Money;
use model::billing::tax::{DocumentKind, TaxDocument, TaxDocumentId};
use storage::tax_documents::Wanted;

use super::{BillingQuery, INVOICES, TAX, here, may, tax};
use crate::http::{Problem, fault};
use crate::pages::account::Draft;
use crate::pages::account::team::seats::unknown;
use crate::pages::account::when::Clock;
use crate::pages::amount::shown;
use crate::pages::view::account::{Part, Row, Rows, Section};
use crate::pages::visitor::Visitor;

/// On a page.
const SHOWN: i64 = 50;
const VIEW: &str = "billing:ViewInvoices";
pub(super) const LIST: (&str, &str) = (VIEW, "invoice/*");

pub async fn show(visitor: Visitor, Query(query): Query<BillingQuery>) -> Response {
    let here = match here(&visitor, (INVOICES, &query.account), LIST).await {
        Ok(here) => here,
        Err(answer) => return *answer,
    };
    let page = query.number();
    let wanted = Wanted {
        kind: None,
        year: None,
    };
    let authority = &visitor.state.authority;
    let listed = authority.list_invoices(&here.permit, wanted, (SHOWN, (page - 1) * SHOWN));
    let (documents, total) = match listed.await {
        Ok(listed) => listed,
        Err(error) => return fault(&error),
    };
    let clock = Clock::of(&here.who.user);
    let row = |document: &TaxDocument| Row {
        title: document.number.clone(),
        badge: Some(kind(document.kind)),
        figure: Some(shown(Money::new(document.total(), document.currency))),
        lines: vec![clock.day(document.issued_at)],
        link: Some((
            "Save as PDF",
            format!("{}&id={}", here.address(super::INVOICE), document.id),
        )),
        ..Row::default()
    };
    let rows = Rows {
        id: "invoices",
        empty: "Nothing was billed yet.",
        rows: documents.iter().map(row).collect(),
    };
    let mut draft = Draft::new(Section::Billing, "page-account-invoices")
        .below("Invoices", here.above())
        .lead(format!(
            "An invoice for each payment of {}, and a credit note for what was given back.",
            here.seats.current.account.title
        ))
        .part(Part::Rows(rows))
        .pages(&here.address(INVOICES), (page, SHOWN, total));
    match may(&visitor, &here, tax::ACT).await {
        Ok(true) => draft = draft.link("Change the details on invoices", &here.address(TAX)),
        Ok(false) => {}
        Err(answer) => return *answer,
    }
    draft.respond(&visitor, here.who, StatusCode::OK).await
}

const fn kind(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::TaxInvoice => "tax invoice",
        DocumentKind::BillOfSupply => "bill of supply",
        DocumentKind::CreditNote => "credit note",
    }
}

/// One of them as a file.
pub async fn file(visitor: Visitor, Query(query): Query<BillingQuery>) -> Response {
    let Ok(id) = query.id.parse::<TaxDocumentId>() else {
        return unknown(&visitor);
    };
    let resource = format!("invoice/{id}");
    let here = match here(&visitor, (INVOICES, &query.account), (VIEW, &resource)).await {
        Ok(here) => here,
        Err(answer) => return *answer,
    };
    match visitor.state.authority.find_invoice(&here.permit, id).await {
        Ok(Some(document)) => print(&visitor, document).await.unwrap_or_else(Problem::bare),
        Ok(None) => unknown(&visitor),
        Err(error) => fault(&error),
    }
}

async fn print(visitor: &Visitor, document: TaxDocument) -> Result<Response, Problem> {
    visitor.state.printer.place()?.print(document).await
}
