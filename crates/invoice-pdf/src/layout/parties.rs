//! Whom it is for, and the facts of the supply.

use model::billing::tax::{DocumentKind, TaxDocument};

use super::date;
use crate::sheet::{Ink, LEFT, RIGHT, Sheet, bold, regular};

const MIDDLE: f32 = 318.0;
const VALUES: f32 = 398.0;

pub fn put(sheet: &mut Sheet<'_>, document: &TaxDocument) {
    let top = sheet.y;
    let left = buyer(sheet, document, top);
    let mut right = top;
    for (name, value) in facts(document) {
        let below = sheet.paragraph(
            (MIDDLE, right, VALUES - MIDDLE - 6.0),
            (regular(8.5), Ink::Muted),
            name,
        );
        let value = sheet.paragraph((VALUES, right, RIGHT - VALUES), (regular(8.5), Ink::Dark), &value);
        right = below.max(value) + 2.0;
    }
    sheet.y = left.max(right) + 18.0;
}

fn buyer(sheet: &mut Sheet<'_>, document: &TaxDocument, top: f32) -> f32 {
    let (buyer, width) = (&document.buyer, MIDDLE - LEFT - 24.0);
    let mut y = sheet.paragraph((LEFT, top, width), (regular(8.5), Ink::Muted), "Billed to");
    y = sheet.paragraph((LEFT, y, width), (bold(10.5), Ink::Dark), &buyer.legal_name) + 1.0;
    let registered = buyer.gstin.map_or_else(
        || "GSTIN: not registered".to_owned(),
        |gstin| format!("GSTIN {gstin}"),
    );
    let state = buyer
        .state
        .map(|state| format!("State: {} ({state})", state.name()));
    let account = format!("Account {}", document.account);
    let about = buyer
        .address
        .iter()
        .cloned()
        .chain(state)
        .chain([registered, account]);
    for line in about {
        y = sheet.paragraph((LEFT, y, width), (regular(8.5), Ink::Dark), &line);
    }
    y
}

fn facts(document: &TaxDocument) -> Vec<(&'static str, String)> {
    let (place, day) = (document.place_of_supply, date(document.issued_at));
    let number = match document.kind {
        DocumentKind::CreditNote => "Credit note no.",
        DocumentKind::TaxInvoice | DocumentKind::BillOfSupply => "Invoice no.",
    };
    let mut facts = vec![
        (number, document.number.clone()),
        ("Date", day),
        ("Place of supply", format!("{} ({place})", place.name())),
        ("Reverse charge", "No".to_owned()),
        ("Payment", document.payment.clone()),
    ];
    if let Some(corrected) = &document.corrects {
        let invoice = format!("{} of {}", corrected.number, date(corrected.issued_at));
        facts.push(("Against invoice", invoice));
        let refund = document
            .reference
            .strip_prefix("refund:")
            .unwrap_or(&document.reference);
        facts.push(("Refund", refund.to_owned()));
    }
    facts
}
