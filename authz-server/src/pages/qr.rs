//! Texts as QR codes.
//! Refuses to be a file: a drawing inside a page or an answer, and nothing is loaded from anywhere.

use qrcode::QrCode;
use qrcode::render::svg;

/// Narrow enough for a phone, wide enough for its camera.
const PIXELS: u32 = 208;

/// An `<svg>` element; nothing for a text that is too long.
pub fn svg(text: &str) -> Option<String> {
    let code = QrCode::new(text.as_bytes()).ok()?;
    let drawing = code
        .render::<svg::Color<'_>>()
        .min_dimensions(PIXELS, PIXELS)
        .build();
    // Without the XML declaration, which has no place inside a page.
    drawing.split_once("?>").map(|(_, svg)| svg.to_owned())
}
