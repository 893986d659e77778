//! The accent colour of a brand and the readable tones derived from it for both themes.
//! Never trusts the operator's eye: every tone meets WCAG 2.2 contrast whatever colour was configured.

use std::fmt;
use std::str::FromStr;

/// The darkest background that accent-coloured text stands on in the light theme (`--ground` in `app.css`).
const LIGHT_GROUND: Colour = Colour([0xf4, 0xf5, 0xf7]);
/// The lightest background that accent-coloured text stands on in the dark theme (`--surface` in `app.css`).
const DARK_SURFACE: Colour = Colour([0x17, 0x1a, 0x1f]);
const BLACK: Colour = Colour([0, 0, 0]);
const WHITE: Colour = Colour([0xff, 0xff, 0xff]);

/// WCAG 2.2 §1.4.3: text.
const TEXT_CONTRAST: f64 = 4.5;
/// WCAG 2.2 §1.4.11: shapes one must see to use the page.
const SHAPE_CONTRAST: f64 = 3.0;

/// An opaque sRGB colour, written `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// The text is not `#rgb` or `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a colour is written #rgb or #rrggbb")]
pub struct ColourError;

/// The tones of one theme: a filled shape, the text on it, and the accent as text on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tones {
    /// Background of the primary button.
    pub fill: Colour,
    /// Text on `fill`.
    pub on_fill: Colour,
    /// Links and focus rings on the page.
    pub ink: Colour,
}

impl Colour {
    /// A colour from its three channels.
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// Relative luminance between 0 and 1. // WCAG 2.2, "relative luminance"
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let part = f64::from(channel) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Contrast ratio between 1 and 21. // WCAG 2.2, "contrast ratio"
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The first step from this colour towards `end` that stands out enough on `ground`.
    fn until(self, end: Self, ground: Self, wanted: f64) -> Self {
        (0..=32)
            .map(|step| self.mixed(end, step))
            .find(|tone| tone.contrast(ground) >= wanted)
            .unwrap_or(end)
    }

    fn mixed(self, end: Self, step: u16) -> Self {
        let mut mix = self.0;
        for (channel, goal) in mix.iter_mut().zip(end.0) {
            let sum = u16::from(*channel) * (32 - step) + u16::from(goal) * step;
            *channel = u8::try_from(sum / 32).unwrap_or(u8::MAX);
        }
        Self(mix)
    }

    fn tones(self, end: Self, ground: Self) -> Tones {
        let fill = self.until(end, ground, SHAPE_CONTRAST);
        let on_fill = if fill.contrast(WHITE) >= TEXT_CONTRAST {
            WHITE
        } else {
            BLACK
        };
        Tones {
            fill,
            on_fill,
            ink: self.until(end, ground, TEXT_CONTRAST),
        }
    }

    /// Tones for the light theme.
    pub fn light(self) -> Tones {
        self.tones(BLACK, LIGHT_GROUND)
    }

    /// Tones for the dark theme.
    pub fn dark(self) -> Tones {
        self.tones(WHITE, DARK_SURFACE)
    }
}

impl FromStr for Colour {
    type Err = ColourError;

    fn from_str(text: &str) -> Result<Self, ColourError> {
        let digits = text.strip_prefix('#').ok_or(ColourError)?;
        let nibbles: Vec<u8> = digits
            .chars()
            .take(7)
            .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
            .collect::<Option<_>>()
            .ok_or(ColourError)?;
        match nibbles[..] {
            [r, g, b] => Ok(Self([r * 17, g * 17, b * 17])),
            [r, rr, g, gg, b, bb] => Ok(Self([r * 16 + rr, g * 16 + gg, b * 16 + bb])),
            _ => Err(ColourError),
        }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_accent_stays_readable_in_both_themes(channels in any::<[u8; 3]>()) {
            let accent = Colour(channels);
            for (tones, ground) in [(accent.light(), LIGHT_GROUND), (accent.dark(), DARK_SURFACE)] {
                prop_assert!(tones.fill.contrast(tones.on_fill) >= TEXT_CONTRAST, "{tones:?}");
                prop_assert!(tones.fill.contrast(ground) >= SHAPE_CONTRAST, "{tones:?}");
                prop_assert!(tones.ink.contrast(ground) >= TEXT_CONTRAST, "{tones:?}");
            }
        }

        #[test]
        fn what_is_written_is_read_back(channels in any::<[u8; 3]>()) {
            let colour = Colour(channels);
            prop_assert_eq!(colour.to_string().parse::<Colour>(), Ok(colour));
        }

        #[test]
        fn nothing_but_hexadecimal_is_a_colour(text in "\\PC{0,12}") {
            let hexadecimal = text.strip_prefix('#').is_some_and(|digits| {
                matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            });
            prop_assert_eq!(text.parse::<Colour>().is_ok(), hexadecimal);
        }
    }

    #[test]
    fn the_grounds_are_those_of_the_stylesheet() {
        let css = include_str!("../../assets/app.css");
        assert!(css.contains(&format!("--ground: {LIGHT_GROUND};")));
        assert!(css.contains(&format!("--surface: {DARK_SURFACE};")));
    }

    #[test]
    fn the_ends_of_the_contrast_scale_are_one_and_twenty_one() {
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 1e-9);
        assert!((WHITE.contrast(WHITE) - 1.0).abs() < 1e-9);
        assert_eq!("#08f".parse(), Ok(Colour::rgb(0x00, 0x88, 0xff)));
    }
}
