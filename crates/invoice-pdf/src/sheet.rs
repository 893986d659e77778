//! Pages that are being laid out: what stands where, from top to bottom.
//! Refuses to draw: a page is a list that is painted later.

use crate::shape::{Shaped, Style, shape, wrap};
use crate::typeface::{Faces, Weight};

/// A4 in points.
pub const WIDTH: f32 = 595.28;
pub const HEIGHT: f32 = 841.89;
pub const LEFT: f32 = 50.0;
pub const RIGHT: f32 = WIDTH - LEFT;
const TOP: f32 = 54.0;
/// Where the foot of the page begins.
pub const FOOT: f32 = HEIGHT - 74.0;

/// Shades, from black to white.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ink {
    Dark,
    Muted,
    Line,
    Panel,
}

pub enum Mark {
    /// `y`: of the baseline.
    Text { x: f32, y: f32, text: Shaped, ink: Ink },
    /// A filled rectangle; rules are thin ones.
    Block {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        ink: Ink,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    Left,
    Right,
}

pub const fn regular(size: f32) -> Style {
    Style {
        weight: Weight::Regular,
        size,
    }
}

pub const fn bold(size: f32) -> Style {
    Style {
        weight: Weight::Bold,
        size,
    }
}

/// Pages, and how far down the last one is filled.
pub struct Sheet<'f> {
    pub faces: &'f Faces,
    pub pages: Vec<Vec<Mark>>,
    pub y: f32,
}

impl<'f> Sheet<'f> {
    pub fn new(faces: &'f Faces) -> Self {
        Self {
            faces,
            pages: vec![Vec::new()],
            y: TOP,
        }
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// Begins another page when there is less than this left of it.
    pub fn need(&mut self, height: f32) {
        if self.y + height > FOOT {
            self.pages.push(Vec::new());
            self.y = TOP;
        }
    }

    pub fn skip(&mut self, height: f32) {
        self.y += height;
    }

    /// A line of text at a baseline.
    pub fn put(&mut self, (x, y): (f32, f32), align: Align, (style, ink): (Style, Ink), text: &str) {
        let text = shape(self.faces, style, text);
        let x = if align == Align::Right { x - text.width } else { x };
        self.mark(Mark::Text { x, y, text, ink });
    }

    /// A text in lines, the first one below `y`; returns where they end.
    pub fn paragraph(
        &mut self,
        (x, y, width): (f32, f32, f32),
        (style, ink): (Style, Ink),
        text: &str,
    ) -> f32 {
        let leading = style.size * 1.4;
        let mut baseline = y;
        for text in wrap(self.faces, style, (text, width)) {
            baseline += leading;
            self.mark(Mark::Text {
                x,
                y: baseline - leading * 0.28,
                text,
                ink,
            });
        }
        baseline
    }

    pub fn rule(&mut self, (from, to): (f32, f32), thickness: f32, ink: Ink) {
        let y = self.y;
        self.block((from, y, to - from, thickness), ink);
    }

    pub fn block(&mut self, (x, y, width, height): (f32, f32, f32, f32), ink: Ink) {
        self.mark(Mark::Block {
            x,
            y,
            width,
            height,
            ink,
        });
    }
}
