//! `/account/billing/invoices`: what was billed, each document to be saved as a file.
//! Refuses other accounts' documents: they are not there.

use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use model::billing::Money;
use model::billing::tax::{DocumentKind, TaxDocument, TaxDocumentId};
use storage::tax_documents::Wanted;

use super::amount::shown;
use super::{BILLING, BillingQuery, INVOICES, TAX, here};
use crate::http::{fault, invoice_file};
use crate::pages::account::Draft;
use crate::pages::account::team::seats::unknown;
use crate::pages::account::when::Clock;
use crate::pages::view::account::{Part, Row, Rows, Section};
use crate::pages::visitor::Visitor;

/// On a page.
const SHOWN: i64 = 50;
const VIEW: &str = "billing:ViewInvoices";

pub async fn show(visitor: Visitor, Query(query): Query<BillingQuery>) -> Response {
    let here = match here(&visitor, (INVOICES, &query.account), (VIEW, "invoice/*")).await {
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
        lines: vec![format!(
            "{} · {}",
            shown(Money::new(document.total(), document.currency)),
            clock.day(document.issued_at)
        )],
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
    let draft = Draft::new(Section::Billing, "page-account-invoices")
        .lead(format!(
            "{}: an invoice for each payment, and a credit note for what was given back.",
            here.seats.current.account.title
        ))
        .part(Part::Rows(rows))
        .pages(&here.address(INVOICES), (page, page * SHOWN < total))
        .link("Details on invoices", &here.address(TAX))
        .link("Back to billing", &here.address(BILLING));
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
        Ok(Some(document)) => match invoice_file::answer(document).await {
            Ok(file) => file,
            Err(problem) => problem.bare(),
        },
        Ok(None) => unknown(&visitor),
        Err(error) => fault(&error),
    }
}
