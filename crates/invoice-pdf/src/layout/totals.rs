//! The sums: on the right in figures, on the left in words.

use model::billing::tax::{DocumentKind, TaxDocument, in_figures, in_words};

use crate::sheet::{Align, Ink, LEFT, RIGHT, Sheet, bold, regular};

const NAMES: f32 = 340.0;
const INSET: f32 = 6.0;
const ROW: f32 = 15.0;

pub fn put(sheet: &mut Sheet<'_>, document: &TaxDocument) {
    sheet.need(120.0);
    let top = sheet.y;
    let mut y = top;
    for (name, minor) in sums(document) {
        sheet.put((NAMES, y + 11.0), Align::Left, (regular(8.5), Ink::Muted), &name);
        let figures = in_figures(minor);
        sheet.put(
            (RIGHT - INSET, y + 11.0),
            Align::Right,
            (regular(8.5), Ink::Dark),
            &figures,
        );
        y += ROW;
    }
    y += 4.0;
    sheet.block((NAMES - 8.0, y, RIGHT - NAMES + 8.0, 24.0), Ink::Panel);
    sheet.put(
        (NAMES, y + 16.0),
        Align::Left,
        (bold(10.5), Ink::Dark),
        total_name(document),
    );
    let total = format!("₹ {}", in_figures(document.total()));
    sheet.put(
        (RIGHT - INSET, y + 16.0),
        Align::Right,
        (bold(10.5), Ink::Dark),
        &total,
    );
    let width = NAMES - LEFT - 40.0;
    let mut left = sheet.paragraph((LEFT, top, width), (regular(8.5), Ink::Muted), "Amount in words");
    left = sheet.paragraph(
        (LEFT, left, width),
        (regular(9.0), Ink::Dark),
        &in_words(document.total()),
    );
    left = sheet.paragraph(
        (LEFT, left + 8.0, width),
        (regular(8.5), Ink::Muted),
        note(document),
    );
    sheet.y = (y + 24.0).max(left) + 16.0;
}

fn total_name(document: &TaxDocument) -> &'static str {
    match document.kind {
        DocumentKind::CreditNote => "Total credited",
        DocumentKind::TaxInvoice | DocumentKind::BillOfSupply => "Total paid",
    }
}

fn sums(document: &TaxDocument) -> Vec<(String, i64)> {
    let (parts, rate) = (document.parts, document.rate);
    if rate.percent() == 0 {
        return vec![("Value of supply".to_owned(), parts.taxable)];
    }
    let mut sums = vec![("Taxable value".to_owned(), parts.taxable)];
    if document.is_intra_state() {
        let own = document.seller.state.own_tax();
        sums.push((format!("CGST at {}%", rate.half()), parts.cgst));
        sums.push((format!("{own} at {}%", rate.half()), parts.sgst));
    } else {
        sums.push((format!("IGST at {}%", rate.percent()), parts.igst));
    }
    sums
}

fn note(document: &TaxDocument) -> &'static str {
    match (document.kind, document.rate.percent()) {
        (DocumentKind::BillOfSupply, _) => "The supplier charges no tax under the GST law.",
        (_, 0) => "No tax is contained in the amount.",
        (DocumentKind::CreditNote, _) => "The amount includes the tax, which is taken back with it.",
        (DocumentKind::TaxInvoice, _) => "The amount includes tax. Amounts are in Indian rupees.",
    }
}
