//! Tax documents as PDF: A4, fonts embedded, the same bytes for the same document.
//! Refuses to look anything up and to add anything: what is printed is what the document carries.

mod layout;
mod paint;
mod shape;
mod sheet;
mod typeface;

use model::billing::tax::TaxDocument;

/// The library could not write what was laid out.
#[derive(Debug, thiserror::Error)]
#[error("a PDF can't be written: {0}")]
pub struct RenderError(pub(crate) String);

/// The document as a PDF. Takes some milliseconds of a processor: call it off the threads that serve.
///
/// # Errors
/// See [`RenderError`].
pub fn render(document: &TaxDocument) -> Result<Vec<u8>, RenderError> {
    let faces = typeface::faces()?;
    let pages = layout::lay_out(document, faces);
    paint::paint(document, pages, faces)
}
