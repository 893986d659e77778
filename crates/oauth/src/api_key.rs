//! The texts of API keys: a prefix that names the product, then random bits with a checksum, or a signed JWT.
//! Refuses prefixes that could be mistaken for another credential, and earns no look-up for what is mistyped.

use std::fmt;

use zeroize::Zeroizing;

use crate::opaque::{encode_behind, parse_behind};

/// How much of a key is shown in lists.
pub const SHOWN_LEN: usize = 11;
const LONGEST_PREFIX: usize = 16;

/// The text is no prefix for keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 3 to 16 characters: lower-case letters, digits and underscores, a letter first and an underscore last, and not begin with az_ or ey"
)]
pub struct PrefixError;

/// What keys of one kind begin with, such as `ch_live_`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyPrefix(Box<str>);

impl KeyPrefix {
    /// Checks form and length. `ey` is what JWTs begin with, `az_` our other secrets.
    pub fn parse(text: &str) -> Result<Self, PrefixError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let good = (3..=LONGEST_PREFIX).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.ends_with('_')
            && text.bytes().all(allowed)
            && !text.starts_with("az_")
            && !text.starts_with("ey");
        good.then(|| Self(text.into())).ok_or(PrefixError)
    }

    /// The prefix as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether one text could begin with both.
    #[must_use]
    pub fn collides_with(&self, other: &Self) -> bool {
        self.0.starts_with(other.as_str()) || other.0.starts_with(self.as_str())
    }

    /// A key of 256 random bits; its checksum covers the prefix, too.
    #[must_use]
    pub fn encode(&self, random: &[u8; 32]) -> Zeroizing<String> {
        encode_behind(&self.0, random)
    }

    /// Whether the text is a well-formed random key with this prefix.
    #[must_use]
    pub fn is_random_key(&self, text: &str) -> bool {
        parse_behind(text) == Some(self.as_str())
    }

    /// A signed JWT as a key.
    #[must_use]
    pub fn before(&self, jwt: &str) -> Zeroizing<String> {
        Zeroizing::new(format!("{}{jwt}", self.0))
    }

    /// The JWT of a key that is one.
    #[must_use]
    pub fn strip<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.strip_prefix(self.as_str())
    }
}

impl fmt::Display for KeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The JWT of a key that is one, whatever its prefix. No prefix reaches into it: JWTs begin with `ey` and a capital letter.
#[must_use]
pub fn signed_inside(text: &str) -> Option<&str> {
    let ends = (3..=LONGEST_PREFIX).rev();
    ends.filter_map(|end| text.split_at_checked(end))
        .find(|(prefix, jwt)| jwt.starts_with("ey") && KeyPrefix::parse(prefix).is_ok())
        .map(|(_, jwt)| jwt)
}

/// The beginning of a key that is shown to tell it from others.
#[must_use]
pub fn shown(text: &str) -> &str {
    text.get(..SHOWN_LEN).unwrap_or(text)
}

/// Whether the text has the length and alphabet of a random key, whatever its prefix, but a wrong checksum: a mistyped or
/// invented key.
#[must_use]
pub fn is_mistyped(text: &str) -> bool {
    let Some((prefix, secret)) = text.rsplit_once('_') else {
        return false;
    };
    let shaped = KeyPrefix::parse(&format!("{prefix}_")).is_ok()
        && secret.len() == crate::opaque::SECRET_LEN
        && secret.bytes().all(|byte| byte.is_ascii_alphanumeric());
    shaped && parse_behind(text).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prefix(text: &str) -> KeyPrefix {
        KeyPrefix::parse(text).unwrap()
    }

    #[test]
    fn prefixes_that_look_like_something_else_are_refused() {
        for good in ["ci_", "ch_live_", "ecloud_", "a1_"] {
            assert!(KeyPrefix::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "_",
            "ci",
            "az_",
            "az_at_",
            "eyJ_",
            "ey_",
            "Ci_",
            "1a_",
            "c-i_",
            "ä__",
            "abcdefghijklmnop_",
        ] {
            assert_eq!(KeyPrefix::parse(bad), Err(PrefixError), "{bad}");
        }
        assert!(prefix("ch_").collides_with(&prefix("ch_live_")));
        assert!(!prefix("ci_").collides_with(&prefix("ch_live_")));
    }

    #[test]
    fn a_signed_key_is_told_from_its_prefix_whatever_that_is() {
        for name in ["ecloud_", "ci_", "my_eyes_", "a1_", "_ey", "eyes_"] {
            let found = KeyPrefix::parse(name)
                .ok()
                .map(|prefix| prefix.before("eyJh_eyJ.b.c"));
            let inside = found.as_ref().and_then(|text| signed_inside(text));
            assert_eq!(inside.is_some(), found.is_some(), "{name}");
            assert!(inside.is_none_or(|jwt| jwt == "eyJh_eyJ.b.c"), "{name}");
        }
        for text in [
            "",
            "ey",
            "eyJh.b.c",
            "_eyJ",
            "ch_live_x",
            "ü_eyJ",
            "abcdefghijklmnopq_eyJ",
        ] {
            assert_eq!(signed_inside(text), None, "{text}");
        }
    }

    #[test]
    fn text_is_stable_across_releases() {
        let key = prefix("ch_live_").encode(&[7; 32]);
        assert_eq!(key.len(), 8 + 49);
        insta::assert_snapshot!(*key);
        assert_eq!(shown(&key), "ch_live_1fJ");
        assert_eq!(shown("short"), "short");
    }

    /// K02, C09: no changed character goes unnoticed, nor a prefix exchanged for another.
    #[test]
    fn mistyped_and_relabelled_keys_are_refused() {
        let live = prefix("ch_live_");
        let key = live.encode(&[42; 32]);
        assert!(live.is_random_key(&key) && !is_mistyped(&key));
        for position in 0..key.len() {
            let mut bytes = key.as_bytes().to_vec();
            bytes[position] = if bytes[position] == b'x' { b'y' } else { b'x' };
            let text = String::from_utf8(bytes).unwrap();
            assert!(!live.is_random_key(&text), "position {position}");
        }
        let relabelled = key.replace("ch_live_", "ci_");
        assert!(!prefix("ci_").is_random_key(&relabelled) && is_mistyped(&relabelled));
        assert!(!prefix("ch_").is_random_key(&key));
    }

    proptest! {
        #[test]
        fn every_key_reads_back(random: [u8; 32]) {
            let ci = prefix("ci_");
            prop_assert!(ci.is_random_key(&ci.encode(&random)));
        }

        #[test]
        fn foreign_text_is_refused_without_panic(text in "\\PC{0,80}") {
            prop_assert!(!prefix("ci_").is_random_key(&text));
            let _ = (is_mistyped(&text), shown(&text));
        }
    }
}
