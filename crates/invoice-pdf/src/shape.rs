//! From text to glyphs with their places, and to lines that are narrow enough.
//! Refuses letters that no font has: each is a replacement mark, so that nothing is left out unseen.

use harfrust::{Buffer, Direction, ShapeOptions, ShaperFont};
use krilla::text::{GlyphId, KrillaGlyph};

use crate::typeface::{Faces, Typeface, Weight};

const REPLACEMENT: char = '\u{fffd}';
/// Lines that one text may take; what is behind them is left out, with an ellipsis.
const MOST_LINES: usize = 16;
/// Of one text, whatever is asked for.
const MOST_LETTERS: usize = 2_000;

/// How a text is set.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Style {
    pub weight: Weight,
    /// In points.
    pub size: f32,
}

/// Glyphs of one font.
pub struct Run {
    /// Which of the weight's fonts.
    pub face: usize,
    pub text: String,
    pub glyphs: Vec<KrillaGlyph>,
    /// In points.
    pub width: f32,
}

/// A text on one line.
pub struct Shaped {
    pub style: Style,
    pub runs: Vec<Run>,
    pub width: f32,
}

pub fn shape(faces: &Faces, style: Style, text: &str) -> Shaped {
    let fonts = faces.of(style.weight);
    let parts = split(fonts, text);
    let runs = parts
        .into_iter()
        .map(|(face, text)| run(&fonts[face], style.size, (face, text)));
    let runs: Vec<Run> = runs.collect();
    let width = runs.iter().map(|run| run.width).sum();
    Shaped { style, runs, width }
}

/// Parts that one font has all letters of.
fn split(fonts: &[Typeface; 2], text: &str) -> Vec<(usize, String)> {
    let mut parts: Vec<(usize, String)> = Vec::new();
    for c in text.chars().take(MOST_LETTERS) {
        // Marks, joiners and blanks stay with the letters before them.
        let before = parts.last().map(|(face, _)| *face);
        let stays = before.filter(|face| !c.is_ascii_alphanumeric() && fonts[*face].has(c));
        let found = stays.or_else(|| (0..fonts.len()).find(|face| fonts[*face].has(c)));
        let (face, c) = match found {
            Some(face) => (face, c),
            None if fonts[0].has(REPLACEMENT) => (0, REPLACEMENT),
            None => (0, '?'),
        };
        match parts.last_mut() {
            Some((last, part)) if *last == face => part.push(c),
            _ => parts.push((face, c.to_string())),
        }
    }
    parts
}

#[expect(clippy::cast_precision_loss, reason = "units of a font are small numbers")]
fn run(typeface: &Typeface, size: f32, (face, text): (usize, String)) -> Run {
    let mut shaped = Buffer::new();
    shaped.push_str(&text);
    shaped.guess_segment_properties();
    shaped.set_direction(Direction::LeftToRight);
    // It fails for a buffer without a direction, or one that is shaped already.
    if harfrust::shape(&ShaperFont::new(&typeface.face), &mut shaped, ShapeOptions::new()).is_err() {
        shaped.clear();
    }
    let (infos, em) = (shaped.glyph_infos(), f32::from(typeface.face.units_per_em()));
    let mut glyphs = Vec::with_capacity(shaped.len());
    for (place, (info, at)) in infos.iter().zip(shaped.glyph_positions()).enumerate() {
        let start = info.cluster as usize;
        let later = infos.iter().skip(place + 1).map(|info| info.cluster as usize);
        let end = later
            .into_iter()
            .find(|cluster| *cluster != start)
            .unwrap_or(text.len());
        let of_em = |units: i32| units as f32 / em;
        glyphs.push(KrillaGlyph::new(
            GlyphId::new(info.glyph_id),
            of_em(at.x_advance),
            of_em(at.x_offset),
            of_em(at.y_offset),
            of_em(at.y_advance),
            start..end,
            None,
        ));
    }
    let advance: i32 = shaped.glyph_positions().iter().map(|at| at.x_advance).sum();
    let width = advance as f32 / em * size;
    Run {
        face,
        text,
        glyphs,
        width,
    }
}

/// Lines that are no wider than `width`: broken at blanks, and within a word that is wider than a line.
pub fn wrap(faces: &Faces, style: Style, (text, width): (&str, f32)) -> Vec<Shaped> {
    let fits = |text: &str| shape(faces, style, text).width <= width;
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let letters: String = text.chars().take(MOST_LETTERS).collect();
    for word in letters.split_whitespace() {
        let longer = if line.is_empty() {
            word.to_owned()
        } else {
            format!("{line} {word}")
        };
        if fits(&longer) {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        line = broken(word, &fits, &mut lines);
        if lines.len() > MOST_LINES {
            break;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        if let Some(last) = lines.last_mut() {
            last.push('…');
        }
    }
    lines.iter().map(|line| shape(faces, style, line)).collect()
}

/// Puts all but the last piece of a word among the lines.
fn broken(word: &str, fits: &impl Fn(&str) -> bool, lines: &mut Vec<String>) -> String {
    let mut piece = String::new();
    for c in word.chars() {
        piece.push(c);
        if !fits(&piece) && piece.chars().count() > 1 {
            piece.pop();
            lines.push(std::mem::replace(&mut piece, c.to_string()));
            if lines.len() > MOST_LINES {
                break;
            }
        }
    }
    piece
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::typeface::faces;

    const STYLE: Style = Style {
        weight: Weight::Regular,
        size: 10.0,
    };

    fn lines(text: &str, width: f32) -> Vec<String> {
        let lines = wrap(faces().unwrap(), STYLE, (text, width));
        assert!(lines.iter().all(|line| line.width <= width + STYLE.size));
        let text = |line: &Shaped| line.runs.iter().map(|run| run.text.as_str()).collect();
        lines.iter().map(text).collect()
    }

    #[test]
    fn text_is_broken_at_blanks_and_long_words_within() {
        assert_eq!(lines("a few words", 400.0), ["a few words"]);
        assert_eq!(lines("a few words", 30.0), ["a few", "words"]);
        let parts = lines(&"W".repeat(50), 100.0);
        assert!(parts.len() > 4 && parts.concat() == "W".repeat(50));
        assert!(lines("", 100.0).is_empty());
    }

    #[test]
    fn endless_text_ends_with_an_ellipsis() {
        let parts = lines(&"word ".repeat(10_000), 60.0);
        assert_eq!(parts.len(), MOST_LINES);
        assert!(parts.last().unwrap().ends_with('…'));
        assert_eq!(lines(&"W".repeat(100_000), 60.0).len(), MOST_LINES);
    }

    #[test]
    fn letters_of_other_scripts_come_from_another_font_or_are_marked() {
        let fonts = faces().unwrap().of(Weight::Bold);
        let split = split(fonts, "₹ é अम्ब् 5 שלום😀");
        let shown: Vec<_> = split.iter().map(|(face, text)| (*face, text.as_str())).collect();
        assert_eq!(shown[0], (0, "₹ é "));
        assert_eq!(shown[1].0, 1);
        assert!(shown[1].1.starts_with("अम्ब्"));
        let rest = shown.last().unwrap().1;
        assert!(rest.starts_with('5') && rest.ends_with("����"), "{rest}");
    }
}
