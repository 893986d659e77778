//! Strings of JSON.
//! Refuses control characters and lone surrogates.

use super::reader::Reader;
use crate::grammar::{Flaw, Path};

impl Reader<'_> {
    /// RFC 8259 §7; the opening quote is next.
    pub(super) fn string(&mut self, path: &Path<'_>) -> Result<String, Flaw> {
        let from = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            text.push_str(&self.text[start..self.at]);
            match self.peek() {
                None => return Err(path.flaw(from, "this string never ends")),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape(path)?),
                Some(_) => {
                    return Err(path.flaw(self.at, "control characters are written as escapes"));
                }
            }
        }
    }

    fn escape(&mut self, path: &Path<'_>) -> Result<char, Flaw> {
        let at = self.at;
        self.at += 1;
        let letter = self.peek();
        self.at += 1;
        Ok(match letter {
            Some(quoted @ (b'"' | b'\\' | b'/')) => char::from(quoted),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(path, at),
            _ => return Err(path.flaw(at, "no such escape")),
        })
    }

    fn unicode(&mut self, path: &Path<'_>, at: usize) -> Result<char, Flaw> {
        let lone = || path.flaw(at, "this escape is no character");
        let first = self.hex().ok_or_else(lone)?;
        let code = if (0xd800..0xdc00).contains(&first) {
            let follows = self.text.as_bytes()[self.at..].starts_with(b"\\u");
            self.at += if follows { 2 } else { 0 };
            let second = if follows { self.hex() } else { None };
            let second = second.filter(|low| (0xdc00..0xe000).contains(low));
            0x10000 + ((first - 0xd800) << 10) + (second.ok_or_else(lone)? - 0xdc00)
        } else {
            first
        };
        char::from_u32(code).ok_or_else(lone)
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}
