//! What was bought: one row each, with the tax in columns.

use model::billing::tax::{DocumentLine, TaxDocument, in_figures};

use crate::sheet::{Align, Ink, LEFT, RIGHT, Sheet, bold, regular};

const SIZE: f32 = 8.5;
const INSET: f32 = 6.0;

/// A column of figures: its head, where it ends on the right, and what it has.
pub struct Column {
    pub head: String,
    pub right: f32,
    value: fn(&DocumentLine) -> i64,
}

/// From right to left: the total, the taxes, what is taxable.
fn columns(document: &TaxDocument) -> Vec<Column> {
    let mut columns = vec![(
        "Total".to_owned(),
        72.0,
        (|line| line.parts.total()) as fn(&DocumentLine) -> i64,
    )];
    let rate = document.rate;
    if rate.percent() > 0 && document.is_intra_state() {
        let own = document.seller.state.own_tax();
        columns.push((format!("{own} {}%", rate.half()), 62.0, |line| line.parts.sgst));
        columns.push((format!("CGST {}%", rate.half()), 62.0, |line| line.parts.cgst));
    } else if rate.percent() > 0 {
        columns.push((format!("IGST {}%", rate.percent()), 66.0, |line| line.parts.igst));
    }
    if rate.percent() > 0 {
        columns.push(("Taxable value".to_owned(), 72.0, |line| line.parts.taxable));
    }
    let mut right = RIGHT - INSET;
    let placed = columns.into_iter().map(|(head, width, value)| {
        let column = Column { head, right, value };
        right -= width;
        column
    });
    placed.collect()
}

pub fn put(sheet: &mut Sheet<'_>, document: &TaxDocument) {
    let columns = columns(document);
    let figures = columns.last().map_or(RIGHT, |column| column.right) - 72.0;
    let (quantity, sac) = (figures - 4.0, figures - 44.0);
    sheet.need(60.0);
    let top = sheet.y;
    sheet.block((LEFT, top, RIGHT - LEFT, 20.0), Ink::Panel);
    let head = |sheet: &mut Sheet<'_>, x, align, text: &str| {
        sheet.put((x, top + 13.0), align, (bold(8.0), Ink::Dark), text);
    };
    head(sheet, LEFT + INSET, Align::Left, "Description");
    head(sheet, sac, Align::Right, "SAC");
    head(sheet, quantity, Align::Right, "Qty");
    for column in &columns {
        head(sheet, column.right, Align::Right, &column.head);
    }
    sheet.y = top + 20.0;
    for line in &document.lines {
        sheet.need(40.0);
        let (top, ink) = (sheet.y + 5.0, (regular(SIZE), Ink::Dark));
        let width = sac - 44.0 - LEFT - INSET;
        let below = sheet.paragraph((LEFT + INSET, top, width), ink, &line.description);
        let baseline = top + SIZE * 1.008;
        sheet.put((sac, baseline), Align::Right, ink, &line.sac);
        sheet.put(
            (quantity, baseline),
            Align::Right,
            ink,
            &line.quantity.to_string(),
        );
        for column in &columns {
            sheet.put(
                (column.right, baseline),
                Align::Right,
                ink,
                &in_figures((column.value)(line)),
            );
        }
        sheet.y = below + 6.0;
        sheet.rule((LEFT, RIGHT), 0.5, Ink::Line);
    }
    sheet.skip(8.0);
}
