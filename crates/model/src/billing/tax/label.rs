//! Names and addresses as they are printed.
//! Refuses nothing that is a letter; drops what would hide, turn or break the text around it.

use unicode_normalization::UnicodeNormalization as _;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    #[error("must have at most {0} characters")]
    TooLong(usize),
    #[error("must have at most {0} lines")]
    TooManyLines(usize),
}

/// Text of one line, composed, blanks as single ones; nothing when nothing is left of it.
///
/// # Errors
/// More than `most` characters.
pub fn clean_line(text: &str, most: usize) -> Result<Option<String>, LabelError> {
    // A bound before anything is worked out: cleaning and composing only make it shorter, but for few letters.
    if text.len() > most.saturating_mul(16) {
        return Err(LabelError::TooLong(most));
    }
    let visible = text.nfc().filter(|c| !is_invisible(*c));
    let visible: String = visible.map(|c| if is_blank(c) { ' ' } else { c }).collect();
    let line = visible.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > most {
        return Err(LabelError::TooLong(most));
    }
    Ok(Some(line).filter(|line| !line.is_empty()))
}

/// The same for up to `lines` lines, each of at most `most` characters; empty ones are dropped.
///
/// # Errors
/// More or longer lines.
pub fn clean_lines(text: &str, lines: usize, most: usize) -> Result<Vec<String>, LabelError> {
    if text.len() > lines.saturating_mul(most).saturating_mul(16) {
        return Err(LabelError::TooLong(lines * most));
    }
    let mut cleaned = Vec::new();
    for line in text.split(['\n', '\r', '\u{2028}', '\u{2029}']) {
        cleaned.extend(clean_line(line, most)?);
        if cleaned.len() > lines {
            return Err(LabelError::TooManyLines(lines));
        }
    }
    Ok(cleaned)
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// Marks that turn the direction of text, have no width, or tag it. The joiners stay: Indian scripts need them.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_stay_and_what_is_not_seen_goes() {
        let clean = |text| clean_line(text, 40).unwrap();
        for kept in [
            "Müller & Söhne",
            "अम्ब्रेला ट्रेडर्स",
            "=HYPERLINK(\"x\")",
            "<b>&amp;",
            "क्\u{200d}ष",
        ] {
            assert_eq!(clean(kept).as_deref(), Some(kept));
        }
        assert_eq!(clean("  a\r\n\t b\0c ").as_deref(), Some("a b c"));
        assert_eq!(clean("pay\u{202e}fdp.exe\u{200b}").as_deref(), Some("payfdp.exe"));
        assert_eq!(clean("e\u{301}").as_deref(), Some("é"));
        assert_eq!(clean(" \u{feff} "), None);
        assert_eq!(clean_line(&"x".repeat(41), 40), Err(LabelError::TooLong(40)));
    }

    #[test]
    fn addresses_keep_their_lines() {
        let clean = |text: &str| clean_lines(text, 3, 10);
        assert_eq!(clean("a\r\n\r\n b \u{2028}c").unwrap(), ["a", "b", "c"]);
        assert_eq!(clean("a\nb\nc\nd"), Err(LabelError::TooManyLines(3)));
        assert_eq!(clean("a\nbcdefghijklm"), Err(LabelError::TooLong(10)));
        assert!(clean(&"\n".repeat(400)).unwrap().is_empty());
        assert!(clean(&"\n".repeat(1000)).is_err());
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing_more(text in "\\PC{0,40}|(?s).{0,40}") {
            if let Ok(Some(once)) = clean_line(&text, 60) {
                prop_assert!(!once.chars().any(char::is_control));
                prop_assert_eq!(clean_line(&once, 60), Ok(Some(once.clone())));
            }
        }
    }
}
