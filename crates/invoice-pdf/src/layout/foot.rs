//! The foot of each page.

use model::billing::tax::TaxDocument;

use crate::sheet::{Align, FOOT, Ink, LEFT, Mark, RIGHT, Sheet, regular};

pub fn put(sheet: &mut Sheet<'_>, document: &TaxDocument) {
    let seller = &document.seller;
    let reached = [seller.email.as_deref(), seller.website.as_deref()];
    let reached: Vec<&str> = reached.into_iter().flatten().collect();
    let count = sheet.pages.len();
    let pages = std::mem::take(&mut sheet.pages);
    for (place, marks) in pages.into_iter().enumerate() {
        sheet.pages.push(marks);
        sheet.y = FOOT + 14.0;
        sheet.rule((LEFT, RIGHT), 0.5, Ink::Line);
        let style = (regular(7.5), Ink::Muted);
        let generated = "This is a computer generated document and needs no signature.";
        sheet.put((LEFT, FOOT + 28.0), Align::Left, style, generated);
        let page = format!("{}, page {} of {count}", document.number, place + 1);
        sheet.put((RIGHT, FOOT + 28.0), Align::Right, style, &page);
        sheet.put((LEFT, FOOT + 40.0), Align::Left, style, &reached.join(" · "));
    }
    debug_assert!(sheet.pages.iter().all(|marks: &Vec<Mark>| !marks.is_empty()));
}
