//! The fonts that documents are set in: Noto Sans, and Noto Sans Devanagari for what it lacks.
//! Refuses fonts of the machine: a document looks the same wherever it is made.

use std::sync::OnceLock;

use harfrust::Font as Face;
use krilla::text::Font;

use crate::RenderError;

const REGULAR: &[u8] = include_bytes!("../fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/NotoSans-Bold.ttf");
const DEVANAGARI: &[u8] = include_bytes!("../fonts/NotoSansDevanagari-Regular.ttf");
const DEVANAGARI_BOLD: &[u8] = include_bytes!("../fonts/NotoSansDevanagari-Bold.ttf");

/// How heavy the letters are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weight {
    Regular,
    Bold,
}

/// One font, for measuring and for embedding.
pub struct Typeface {
    pub face: Face,
    pub font: Font,
}

impl Typeface {
    fn read(data: &'static [u8]) -> Option<Self> {
        Some(Self {
            face: Face::new(data, 0)?,
            font: Font::new(data.into(), 0)?,
        })
    }

    pub fn has(&self, c: char) -> bool {
        self.face.charmap().map_unicode(c).is_some()
    }
}

/// Of each weight the fonts in the order in which they are asked for a letter.
pub struct Faces {
    regular: [Typeface; 2],
    bold: [Typeface; 2],
}

impl Faces {
    pub const fn of(&self, weight: Weight) -> &[Typeface; 2] {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

/// Read once.
pub fn faces() -> Result<&'static Faces, RenderError> {
    static FACES: OnceLock<Option<Faces>> = OnceLock::new();
    let read = || {
        Some(Faces {
            regular: [Typeface::read(REGULAR)?, Typeface::read(DEVANAGARI)?],
            bold: [Typeface::read(BOLD)?, Typeface::read(DEVANAGARI_BOLD)?],
        })
    };
    let faces = FACES.get_or_init(read).as_ref();
    faces.ok_or_else(|| RenderError("a font is broken".to_owned()))
}
