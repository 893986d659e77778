//! Judges the framing of a chunked body by the letter of RFC 9112 §7.1, while it passes.
//! It refuses what lenient parsers read differently: sizes without digits, stray line breaks in extensions.

use super::HeadError;

/// Digits of a chunk size.
const MAX_DIGITS: u8 = 15;
/// Bytes of one line after the size: an extension, or a trailer field.
const MAX_LINE: usize = 4096;
/// Trailer fields.
const MAX_TRAILERS: u8 = 32;

const BAD_SIZE: HeadError = HeadError::Malformed("a chunk size is not hexadecimal digits");
const BAD_LINE: HeadError = HeadError::Malformed("a line break in the chunked body is not CRLF");
const BAD_END: HeadError = HeadError::Malformed("a chunk is longer or shorter than its size");
const TOO_MUCH: HeadError = HeadError::Malformed("a chunk extension or the trailer is too large");

/// How far a chunked body was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chunks {
    at: At,
    size: u64,
    digits: u8,
    line: usize,
    trailers: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Size,
    /// White space between size and extension.
    Gap,
    Extension,
    /// After the CR of a size line.
    SizeEnd,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    Trailer,
    TrailerLf,
    LastLf,
    Done,
}

impl Chunks {
    /// Whether the body has ended; what follows is no part of it.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.at == At::Done
    }

    /// Reads on. Bytes after the end of the body are not looked at.
    ///
    /// # Errors
    /// The first thing found wrong.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<(), HeadError> {
        while let Some((&byte, rest)) = bytes.split_first() {
            match self.at {
                At::Done => return Ok(()),
                At::Data => {
                    let here = usize::try_from(self.size).unwrap_or(usize::MAX).min(bytes.len());
                    self.size -= here as u64;
                    bytes = &bytes[here..];
                    if self.size == 0 {
                        self.at = At::DataCr;
                    }
                    continue;
                }
                _ => self.at = self.step(byte)?,
            }
            bytes = rest;
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) -> Result<At, HeadError> {
        match (self.at, byte) {
            (At::Size, _) => self.size_byte(byte),
            (At::Gap, b' ' | b'\t') => self.longer(At::Gap),
            (At::Gap, b';') => Ok(At::Extension),
            (At::Gap, _) => Err(BAD_SIZE),
            (At::Extension, b'\r') => Ok(At::SizeEnd),
            (At::Extension, _) if is_text(byte) => self.longer(At::Extension),
            (At::SizeEnd, b'\n') => Ok(self.chunk_begins()),
            (At::DataCr, b'\r') => Ok(At::DataLf),
            (At::DataLf, b'\n') => {
                *self = Self::default();
                Ok(At::Size)
            }
            (At::DataCr | At::DataLf, _) => Err(BAD_END),
            (At::TrailerStart, b'\r') => Ok(At::LastLf),
            (At::TrailerStart, _) if is_text(byte) => self.trailer_begins(),
            (At::Trailer, b'\r') => Ok(At::TrailerLf),
            (At::Trailer, _) if is_text(byte) => self.longer(At::Trailer),
            (At::TrailerLf, b'\n') => Ok(At::TrailerStart),
            (At::LastLf, b'\n') => Ok(At::Done),
            _ => Err(BAD_LINE),
        }
    }

    fn size_byte(&mut self, byte: u8) -> Result<At, HeadError> {
        if let Some(digit) = char::from(byte).to_digit(16) {
            self.digits += 1;
            if self.digits > MAX_DIGITS {
                return Err(BAD_SIZE);
            }
            self.size = self.size * 16 + u64::from(digit);
            return Ok(At::Size);
        }
        match byte {
            _ if self.digits == 0 => Err(BAD_SIZE),
            b'\r' => Ok(At::SizeEnd),
            b';' => Ok(At::Extension),
            b' ' | b'\t' => Ok(At::Gap),
            _ => Err(BAD_SIZE),
        }
    }

    fn chunk_begins(&mut self) -> At {
        self.line = 0;
        if self.size == 0 {
            At::TrailerStart
        } else {
            At::Data
        }
    }

    fn trailer_begins(&mut self) -> Result<At, HeadError> {
        self.line = 0;
        self.trailers += 1;
        if self.trailers > MAX_TRAILERS {
            return Err(TOO_MUCH);
        }
        Ok(At::Trailer)
    }

    fn longer(&mut self, at: At) -> Result<At, HeadError> {
        self.line += 1;
        if self.line > MAX_LINE {
            Err(TOO_MUCH)
        } else {
            Ok(at)
        }
    }
}

/// Visible characters, spaces, tabs and bytes beyond ASCII: no control that could be a line break for somebody.
const fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn verdict(body: &str) -> Result<bool, HeadError> {
        let mut chunks = Chunks::default();
        chunks.feed(body.as_bytes())?;
        Ok(chunks.is_done())
    }

    #[test]
    fn chunked_bodies_end_where_they_say() {
        for body in [
            "0\r\n\r\n",
            "5\r\nhello\r\n0\r\n\r\n",
            "5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.1\r\n",
            "005;a=b;c=\"d;e\"\r\nhello\r\nA\r\n0123456789\r\n0 ;x\r\nT: v\r\nU:\r\n\r\n",
        ] {
            assert_eq!(verdict(body), Ok(true), "{body:?}");
        }
        for body in [
            "",
            "5",
            "5\r\nhel",
            "5\r\nhello\r\n",
            "5\r\nhello\r\n0\r\n",
            "0\r\nT: v\r\n",
        ] {
            assert_eq!(verdict(body), Ok(false), "{body:?}");
        }
    }

    /// X03
    #[test]
    fn what_others_read_differently_is_refused() {
        for body in [
            "\r\n\r\n",
            ";a\r\n\r\n",
            " 5\r\nhello\r\n",
            "5 \r\nhello\r\n",
            "5 5\r\nhello\r\n",
            "0x5\r\nhello\r\n",
            "+5\r\nhello\r\n",
            "5\nhello\r\n",
            "5\rhello",
            "5;a\nb\r\nhello\r\n",
            "5;a\rb\r\nhello\r\n",
            "5;a\0\r\nhello\r\n",
            "5\r\nhello0\r\n",
            "5\r\nhello\n0\r\n",
            "0\r\nT: v\n\r\n",
            "0\r\n\n",
            "0000000000000000\r\n",
        ] {
            assert!(verdict(body).is_err(), "{body:?}");
        }
        assert!(verdict(&format!("5;{}\r\n", "a".repeat(5000))).is_err());
        assert!(verdict(&format!("0\r\n{}", "a: b\r\n".repeat(33))).is_err());
    }

    proptest! {
        #[test]
        fn how_the_bytes_are_cut_makes_no_difference(body in "([0-9a-f]{1,2}|\r\n|;|a|\n){0,20}", cut in 0_usize..20) {
            let cut = cut.min(body.len());
            let mut parts = Chunks::default();
            let apart = parts.feed(&body.as_bytes()[..cut]).and_then(|()| parts.feed(&body.as_bytes()[cut..]));
            let mut whole = Chunks::default();
            prop_assert_eq!(apart, whole.feed(body.as_bytes()));
            prop_assert_eq!(parts.is_done(), whole.is_done());
        }
    }
}
