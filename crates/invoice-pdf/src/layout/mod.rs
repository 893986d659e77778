//! A tax document on paper: head, parties, lines, totals, foot.
//! Refuses to work anything out: each figure is one that the document has.

mod foot;
mod lines;
mod parties;
mod totals;

use model::Timestamp;
use model::billing::tax::{DocumentKind, FinancialYear, TaxDocument};

use crate::sheet::{Align, Ink, LEFT, Mark, RIGHT, Sheet, bold, regular};
use crate::typeface::Faces;

pub fn title(document: &TaxDocument) -> &'static str {
    match document.kind {
        DocumentKind::TaxInvoice => "Tax invoice",
        DocumentKind::BillOfSupply => "Bill of supply",
        DocumentKind::CreditNote => "Credit note",
    }
}

pub fn lay_out(document: &TaxDocument, faces: &Faces) -> Vec<Vec<Mark>> {
    let mut sheet = Sheet::new(faces);
    head(&mut sheet, document);
    parties::put(&mut sheet, document);
    lines::put(&mut sheet, document);
    totals::put(&mut sheet, document);
    foot::put(&mut sheet, document);
    sheet.pages
}

/// The seller on the left, what it is on the right.
fn head(sheet: &mut Sheet<'_>, document: &TaxDocument) {
    let (seller, top) = (&document.seller, sheet.y);
    let mut y = sheet.paragraph(
        (LEFT, top - 6.0, 290.0),
        (bold(13.0), Ink::Dark),
        &seller.legal_name,
    );
    y += 2.0;
    let registered = seller.gstin.map(|gstin| format!("GSTIN {gstin}"));
    let state = format!("State: {} ({})", seller.state.name(), seller.state);
    let about = seller.address.iter().cloned().chain([state]).chain(registered);
    for line in about {
        y = sheet.paragraph((LEFT, y, 290.0), (regular(8.5), Ink::Muted), &line);
    }
    sheet.put(
        (RIGHT, top + 10.0),
        Align::Right,
        (bold(19.0), Ink::Dark),
        title(document),
    );
    sheet.put(
        (RIGHT, top + 26.0),
        Align::Right,
        (regular(8.0), Ink::Muted),
        "Original for recipient",
    );
    sheet.put(
        (RIGHT, top + 44.0),
        Align::Right,
        (bold(10.5), Ink::Dark),
        &document.number,
    );
    sheet.put(
        (RIGHT, top + 58.0),
        Align::Right,
        (regular(9.0), Ink::Dark),
        &date(document.issued_at),
    );
    sheet.y = y.max(top + 62.0) + 14.0;
    sheet.rule((LEFT, RIGHT), 0.8, Ink::Dark);
    sheet.skip(14.0);
}

/// `21 November 2026`, the day in India.
pub fn date(at: Timestamp) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let day = FinancialYear::day(at);
    let month = usize::from(day.month().unsigned_abs()).saturating_sub(1);
    format!(
        "{} {} {}",
        day.day(),
        MONTHS.get(month).unwrap_or(&""),
        day.year()
    )
}
