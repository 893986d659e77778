//! Whose server this is: the name, picture and accent colour on every page.
//! Refuses what could not be shown safely; it does not fetch the picture.

use std::fmt;

use super::colour::{Colour, ColourError};
use super::link::WebLink;

/// Used where the operator configured no accent.
pub const DEFAULT_ACCENT: Colour = Colour::rgb(0x2f, 0x55, 0xd4);

/// The look an operator gives to the pages.
#[derive(Clone, Debug)]
pub struct Brand {
    name: String,
    logo: Option<WebLink>,
    accent: Colour,
}

/// Why a configured brand is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrandError {
    /// Empty, or longer than 80 characters.
    #[error("the brand name must have 1 to 80 characters")]
    Name,
    /// Not an absolute `http(s)` address.
    #[error("the brand logo must be an absolute http(s) address")]
    Logo,
    /// Not `#rgb` or `#rrggbb`.
    #[error("the accent colour must be written #rgb or #rrggbb")]
    Accent(#[from] ColourError),
}

impl Brand {
    /// Checks the three configured texts; a missing accent becomes [`DEFAULT_ACCENT`].
    pub fn new(name: &str, logo: Option<&str>, accent: Option<&str>) -> Result<Self, BrandError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 80 {
            return Err(BrandError::Name);
        }
        let logo = logo
            .map(|text| WebLink::parse(text).ok_or(BrandError::Logo))
            .transpose()?;
        let accent = accent.map_or(Ok(DEFAULT_ACCENT), str::parse)?;
        Ok(Self {
            name: name.to_owned(),
            logo,
            accent,
        })
    }

    /// The name in the title and above the card.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The picture beside the name; without one, the initial is shown.
    pub fn logo(&self) -> Option<&WebLink> {
        self.logo.as_ref()
    }

    /// The letter that stands in for a missing picture.
    pub fn initial(&self) -> String {
        initial(&self.name)
    }

    /// The accent and what is readable on it, for letters.
    pub fn mail_accent(&self) -> (Colour, Colour) {
        let tones = self.accent.light();
        (tones.fill, tones.on_fill)
    }

    /// The custom properties that carry the accent into the stylesheet.
    pub fn accent_css(&self) -> AccentCss {
        AccentCss(self.accent)
    }
}

/// The content of the `<style>` block; made of hexadecimal colours only.
#[derive(Clone, Copy, Debug)]
pub struct AccentCss(Colour);

impl fmt::Display for AccentCss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (light, dark) = (self.0.light(), self.0.dark());
        write!(
            f,
            ":root{{--accent:{};--on-accent:{};--accent-ink:{}}}",
            light.fill, light.on_fill, light.ink
        )?;
        write!(f, "@media (prefers-color-scheme:dark){{:root{{")?;
        write!(
            f,
            "--accent:{};--on-accent:{};--accent-ink:{}}}}}",
            dark.fill, dark.on_fill, dark.ink
        )
    }
}

/// The first letter or digit of a name in upper case, or a dot where there is none.
pub(super) fn initial(name: &str) -> String {
    name.chars()
        .find(|c| c.is_alphanumeric())
        .map_or_else(|| "·".to_owned(), |c| c.to_uppercase().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brand_that_cannot_be_shown_is_refused() {
        assert_eq!(Brand::new("  ", None, None).err(), Some(BrandError::Name));
        assert_eq!(
            Brand::new("A", Some("javascript:1"), None).err(),
            Some(BrandError::Logo)
        );
        let breakout = Some("#fff}</style>");
        assert_eq!(
            Brand::new("A", None, breakout).err(),
            Some(BrandError::Accent(ColourError))
        );
    }

    #[test]
    fn the_initial_skips_what_is_not_a_letter() {
        assert_eq!(initial("  «ärger»"), "Ä");
        assert_eq!(initial("<>"), "·");
    }
}
