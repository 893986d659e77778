//! Distinguished names as they are written (RFC 4514), to be compared with those in certificates.
//! Refuses values in hexadecimal and attributes it has no name for: what can't be compared can't be demanded.

use std::collections::BTreeSet;

/// The longest written name in bytes.
const MAX_LEN: usize = 1024;
/// The names of RFC 4514 §3, and others that are in wide use.
const ATTRIBUTES: [(&str, &str); 12] = [
    ("CN", "2.5.4.3"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("C", "2.5.4.6"),
    ("STREET", "2.5.4.9"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("serialNumber", "2.5.4.5"),
    ("organizationIdentifier", "2.5.4.97"),
    ("emailAddress", "1.2.840.113549.1.9.1"),
];

type Relative = BTreeSet<(String, String)>;

/// A name: sets of attribute and value, the most general one first, as in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistinguishedName(Vec<Relative>);

impl DistinguishedName {
    /// The name in a certificate: for each part, in order, its object identifiers with their values.
    #[must_use]
    pub fn of(parts: impl IntoIterator<Item = Vec<(String, String)>>) -> Self {
        Self(parts.into_iter().map(|part| part.into_iter().collect()).collect())
    }

    /// Reads a written name. The most special part comes first there (RFC 4514 §2.1).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > MAX_LEN {
            return None;
        }
        let mut parts = vec![Relative::new()];
        for piece in pieces(text)? {
            let (name, value) = piece.text.split_once('=')?;
            let pair = (identifier(name.trim())?, unescaped(value)?);
            if !parts.last_mut()?.insert(pair) {
                return None;
            }
            if piece.ends_part {
                parts.push(Relative::new());
            }
        }
        parts.reverse();
        Some(Self(parts))
    }
}

struct Piece<'t> {
    text: &'t str,
    /// A comma follows, not a plus sign.
    ends_part: bool,
}

/// Cuts at commas and plus signs that are not escaped.
fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let (mut found, mut from, mut escaped) = (Vec::new(), 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b',' | b'+' => {
                let ends_part = byte == b',';
                found.push(Piece {
                    text: &text[from..at],
                    ends_part,
                });
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(Piece {
        text: &text[from..],
        ends_part: false,
    });
    (!escaped).then_some(found)
}

/// The object identifier of a name, or of one that is written as numbers.
fn identifier(name: &str) -> Option<String> {
    let known = ATTRIBUTES.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
    if let Some((_, number)) = known {
        return Some((*number).to_owned());
    }
    let numbers = name.split('.').all(|part| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    });
    (numbers && name.contains('.')).then(|| name.to_owned())
}

/// The value without its escapes (RFC 4514 §2.4); spaces around it are no part of it.
fn unescaped(written: &str) -> Option<String> {
    let written = written.trim_start_matches(' ');
    let (mut value, mut rest) = (Vec::new(), written.as_bytes());
    let mut length = 0;
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'\\' => {
                let [special, after @ ..] = rest else { return None };
                if b" \"#+,;<=>\\".contains(special) {
                    value.push(*special);
                    rest = after;
                } else {
                    let [high, low, after @ ..] = rest else {
                        return None;
                    };
                    let digit = |byte: &u8| char::from(*byte).to_digit(16);
                    value.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
                    rest = after;
                }
                length = value.len();
            }
            b'#' if value.is_empty() => return None,
            b'"' | b';' | b'<' | b'>' | 0 => return None,
            plain => {
                value.push(*plain);
                if *plain != b' ' {
                    length = value.len();
                }
            }
        }
    }
    value.truncate(length);
    String::from_utf8(value).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(parts: &[&[(&str, &str)]]) -> DistinguishedName {
        let pair = |(number, value): &(&str, &str)| ((*number).to_owned(), (*value).to_owned());
        DistinguishedName::of(parts.iter().map(|part| part.iter().map(pair).collect()))
    }

    #[test]
    fn the_most_special_part_is_written_first() {
        let written = DistinguishedName::parse("CN=Till 7,OU=Tills+L=Graz, o=Shop\\, Ltd ,C=AT").unwrap();
        let expected = name(&[
            &[("2.5.4.6", "AT")],
            &[("2.5.4.10", "Shop, Ltd")],
            &[("2.5.4.11", "Tills"), ("2.5.4.7", "Graz")],
            &[("2.5.4.3", "Till 7")],
        ]);
        assert_eq!(written, expected);
    }

    #[test]
    fn escapes_and_numbers_are_read() {
        for (text, value) in [
            ("2.5.4.3=a", "a"),
            ("CN=\\ a\\ ", " a "),
            ("CN=a\\2bb", "a+b"),
            ("CN=\\23a", "#a"),
            ("CN=Lu\\C4\\8Di\\C4\\87", "Lučić"),
            ("CN=a=b", "a=b"),
        ] {
            assert_eq!(
                DistinguishedName::parse(text),
                Some(name(&[&[("2.5.4.3", value)]])),
                "{text}"
            );
        }
    }

    #[test]
    fn what_has_two_readings_or_none_is_no_name() {
        for text in [
            "",
            ",",
            "CN",
            "CN=",
            "CN=a,",
            "CN=a,,O=b",
            "=a",
            "XX=a",
            "CN=#0401",
            "CN=\"a\"",
            "CN=a;O=b",
            "CN=a\\",
            "CN=a\\zz",
            "CN=a\\f",
            "CN=\\ff",
            "CN=a+CN=a",
            "2.05=a",
            "CN=<a>",
        ] {
            assert_eq!(DistinguishedName::parse(text), None, "{text}");
        }
    }

    #[test]
    fn names_that_differ_anywhere_differ() {
        let own = DistinguishedName::parse("CN=till,O=Shop").unwrap();
        for other in [
            "CN=till",
            "O=Shop,CN=till",
            "CN=Till,O=Shop",
            "CN=till+O=Shop",
            "CN=till,O=Shop,C=AT",
        ] {
            assert_ne!(DistinguishedName::parse(other).unwrap(), own, "{other}");
        }
    }
}
