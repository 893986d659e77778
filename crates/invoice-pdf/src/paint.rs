//! From laid-out pages to the bytes of a PDF.
//! Refuses what makes a file active: no script, no link, no attachment, no form.

use krilla::Document;
use krilla::color::luma;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use model::billing::tax::{FinancialYear, TaxDocument};

use crate::RenderError;
use crate::layout::title;
use crate::shape::Shaped;
use crate::sheet::{HEIGHT, Ink, Mark, WIDTH};
use crate::typeface::Faces;

pub fn paint(document: &TaxDocument, pages: Vec<Vec<Mark>>, faces: &Faces) -> Result<Vec<u8>, RenderError> {
    let mut pdf = Document::new();
    pdf.set_metadata(metadata(document));
    for marks in pages {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT);
        let settings = settings.ok_or_else(|| RenderError("a page without a size".to_owned()))?;
        let mut page = pdf.start_page_with(settings);
        let mut surface = page.surface();
        for mark in marks {
            draw(&mut surface, mark, faces);
        }
        surface.finish();
        page.finish();
    }
    pdf.finish().map_err(|error| RenderError(format!("{error:?}")))
}

fn metadata(document: &TaxDocument) -> Metadata {
    let day = FinancialYear::day(document.issued_at);
    let made = DateTime::new(day.year().unsigned_abs())
        .month(day.month().unsigned_abs())
        .day(day.day().unsigned_abs());
    Metadata::new()
        .title(format!("{} {}", title(document), document.number))
        .language("en-IN".to_owned())
        .document_id(document.id.to_string())
        .creation_date(made)
}

fn fill(ink: Ink) -> Fill {
    let shade = match ink {
        Ink::Dark => 28,
        Ink::Muted => 104,
        Ink::Line => 200,
        Ink::Panel => 242,
    };
    Fill {
        paint: luma::Color::new(shade).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    }
}

fn draw(surface: &mut Surface<'_>, mark: Mark, faces: &Faces) {
    match mark {
        Mark::Text { x, y, text, ink } => {
            surface.set_fill(Some(fill(ink)));
            write(surface, (x, y), &text, faces);
        }
        Mark::Block {
            x,
            y,
            width,
            height,
            ink,
        } => {
            let mut path = PathBuilder::new();
            let Some(rect) = Rect::from_xywh(x, y, width, height) else {
                return;
            };
            path.push_rect(rect);
            if let Some(path) = path.finish() {
                surface.set_fill(Some(fill(ink)));
                surface.draw_path(&path);
            }
        }
    }
}

fn write(surface: &mut Surface<'_>, (x, y): (f32, f32), text: &Shaped, faces: &Faces) {
    let mut x = x;
    for run in &text.runs {
        let font = faces.of(text.style.weight)[run.face].font.clone();
        let start = Point::from_xy(x, y);
        surface.draw_glyphs(start, &run.glyphs, font, &run.text, text.style.size, false);
        x += run.width;
    }
}
