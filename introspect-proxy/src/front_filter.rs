//! Judges the raw bytes of an HTTP/1 request head before any parser may be lenient about them.
//! It refuses two readings: of framing, of the host, of lines, of names.

mod absolute_form;
mod bytes;
mod chunks;

pub use absolute_form::{Scheme, to_origin_form};
pub use bytes::position;
pub use chunks::Chunks;

use std::fmt;

/// Why a request head is refused; the connection is closed after the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadError {
    /// The bytes are not one unambiguous request head.
    Malformed(&'static str),
    /// The target is longer than allowed.
    UrlTooLong,
    /// The head is larger, or has more fields, than allowed.
    TooLarge,
    /// The head did not arrive in time.
    TooSlow,
    /// Not HTTP/1.0 or HTTP/1.1.
    Version,
    /// The target is a URL of another scheme than the connection's.
    Misdirected,
}

impl HeadError {
    /// The status line of the answer.
    #[must_use]
    pub const fn status(self) -> (u16, &'static str) {
        match self {
            Self::Malformed(_) => (400, "Bad Request"),
            Self::UrlTooLong => (414, "URI Too Long"),
            Self::TooLarge => (431, "Request Header Fields Too Large"),
            Self::TooSlow => (408, "Request Timeout"),
            Self::Version => (505, "HTTP Version Not Supported"),
            Self::Misdirected => (421, "Misdirected Request"),
        }
    }
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => f.write_str(why),
            _ => f.write_str(self.status().1),
        }
    }
}

/// Bounds on a head.
#[derive(Clone, Copy, Debug)]
pub struct HeadLimits {
    /// Bytes in all.
    pub bytes: usize,
    /// Header fields.
    pub fields: usize,
    /// Bytes of the request target.
    pub url: usize,
}

/// What the request target of a head is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetForm {
    /// A path, `*`, or the authority of CONNECT.
    Plain,
    /// Perhaps a whole URL: to be rewritten before anybody else reads it.
    Absolute,
}

/// What a head that passes says of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// What its target is.
    pub form: TargetForm,
    /// Whether a chunked body follows.
    pub chunked: bool,
    /// Whether it asks for a WebSocket.
    pub websocket: bool,
}

/// Judges a complete head, from the request line through the empty line.
///
/// # Errors
/// The first thing found wrong.
pub fn judge(head: &[u8], limits: &HeadLimits) -> Result<Passed, HeadError> {
    if head.len() > limits.bytes {
        return Err(HeadError::TooLarge);
    }
    let body = head
        .strip_suffix(b"\r\n\r\n")
        .ok_or(HeadError::Malformed("the head has no end"))?;
    let mut lines = Lines(Some(body));
    let request_line = lines.next().ok_or(HeadError::Malformed("the head is empty"))??;
    let (version, form) = judge_request_line(request_line, limits)?;
    let mut seen = Seen::default();
    let mut fields = 0;
    for line in lines {
        fields += 1;
        if fields > limits.fields {
            return Err(HeadError::TooLarge);
        }
        judge_field(line?, &mut seen)?;
    }
    judge_framing(version, &seen)?;
    Ok(Passed {
        form,
        chunked: seen.transfer_encoding,
        websocket: seen.websocket,
    })
}

/// Lines divided by CRLF; a CR or LF anywhere else is an error.
struct Lines<'a>(Option<&'a [u8]>);

impl<'a> Iterator for Lines<'a> {
    type Item = Result<&'a [u8], HeadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0.take()?;
        let Some(end) = position(rest, |byte| matches!(byte, b'\r' | b'\n')) else {
            return Some(Ok(rest));
        };
        // RFC 9112 §2.2: a bare CR or LF must not be taken for a line break.
        if rest.get(end..end + 2) != Some(b"\r\n") {
            return Some(Err(HeadError::Malformed("a line break is not CRLF")));
        }
        self.0 = Some(&rest[end + 2..]);
        Some(Ok(&rest[..end]))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Http10,
    Http11,
}

fn judge_request_line(line: &[u8], limits: &HeadLimits) -> Result<(Version, TargetForm), HeadError> {
    // RFC 9112 §3: exactly one space between the three parts.
    let mut parts = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(HeadError::Malformed("the request line has not three parts"));
    };
    if method.is_empty() || method.len() > 32 || !method.iter().all(|byte| is_token(*byte)) {
        return Err(HeadError::Malformed("the method is not a token"));
    }
    if target.len() > limits.url {
        return Err(HeadError::UrlTooLong);
    }
    if target.is_empty() || bytes::has(target, |byte| !(0x21..0x7f).contains(&byte) || byte == b'#') {
        return Err(HeadError::Malformed(
            "the request target has a character that no URI has",
        ));
    }
    // RFC 9112 §3.2: CONNECT names an authority (and never passes), OPTIONS may name `*`; a path begins with a slash.
    let form = if target[0] == b'/' || target == b"*" || method == b"CONNECT" {
        TargetForm::Plain
    } else {
        TargetForm::Absolute
    };
    match version {
        b"HTTP/1.1" => Ok((Version::Http11, form)),
        b"HTTP/1.0" => Ok((Version::Http10, form)),
        _ => Err(HeadError::Version),
    }
}

#[derive(Default)]
struct Seen {
    host: bool,
    content_length: bool,
    transfer_encoding: bool,
    websocket: bool,
}

fn judge_field(line: &[u8], seen: &mut Seen) -> Result<(), HeadError> {
    // RFC 9112 §5.2: no folded lines. §5.1: no white space before the colon.
    let colon = line
        .iter()
        .position(|byte| *byte == b':')
        .ok_or(HeadError::Malformed("a field has no colon"))?;
    let (name, value) = (&line[..colon], without_blanks(&line[colon + 1..]));
    if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
        return Err(HeadError::Malformed("a field name is not a token"));
    }
    if bytes::has(value, |byte| (byte < 0x20 && byte != b'\t') || byte == 0x7f) {
        return Err(HeadError::Malformed("a field value has a control character"));
    }
    match name.len() {
        4 if name.eq_ignore_ascii_case(b"host") => judge_host(value, seen),
        7 if name.eq_ignore_ascii_case(b"upgrade") => {
            seen.websocket = value.eq_ignore_ascii_case(b"websocket");
            Ok(())
        }
        14 if name.eq_ignore_ascii_case(b"content-length") => judge_length(value, seen),
        17 if name.eq_ignore_ascii_case(b"transfer-encoding") => judge_coding(value, seen),
        _ => Ok(()),
    }
}

fn judge_host(value: &[u8], seen: &mut Seen) -> Result<(), HeadError> {
    if std::mem::replace(&mut seen.host, true) {
        return Err(HeadError::Malformed("there are two Host fields"));
    }
    if crate::host::name_of(value).is_none() {
        return Err(HeadError::Malformed("the Host field is not a host and port"));
    }
    Ok(())
}

fn judge_length(value: &[u8], seen: &mut Seen) -> Result<(), HeadError> {
    if std::mem::replace(&mut seen.content_length, true) {
        return Err(HeadError::Malformed("there are two Content-Length fields"));
    }
    // RFC 9110 §8.6: digits and nothing else.
    if value.is_empty() || value.len() > 18 || !value.iter().all(u8::is_ascii_digit) {
        return Err(HeadError::Malformed("Content-Length is not a number"));
    }
    Ok(())
}

fn judge_coding(value: &[u8], seen: &mut Seen) -> Result<(), HeadError> {
    // RFC 9112 §6.1: `chunked` is the only transfer coding that is understood here.
    if std::mem::replace(&mut seen.transfer_encoding, true) || !value.eq_ignore_ascii_case(b"chunked") {
        return Err(HeadError::Malformed("Transfer-Encoding is not exactly `chunked`"));
    }
    Ok(())
}

fn judge_framing(version: Version, seen: &Seen) -> Result<(), HeadError> {
    // RFC 9112 §6.3: both together are how requests are smuggled.
    if seen.content_length && seen.transfer_encoding {
        return Err(HeadError::Malformed(
            "Content-Length and Transfer-Encoding together",
        ));
    }
    if version == Version::Http10 && seen.transfer_encoding {
        return Err(HeadError::Malformed("Transfer-Encoding in HTTP/1.0"));
    }
    // RFC 9112 §3.2
    if version == Version::Http11 && !seen.host {
        return Err(HeadError::Malformed("there is no Host field"));
    }
    Ok(())
}

/// RFC 9110 §5.6.3: spaces and tabs around a value are no part of it, and nothing else is white space.
fn without_blanks(value: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().position(|byte| !blank(byte)).unwrap_or(value.len());
    let end = value
        .iter()
        .rposition(|byte| !blank(byte))
        .map_or(start, |last| last + 1);
    &value[start..end]
}

/// RFC 9110 §5.6.2
const fn is_token(byte: u8) -> bool {
    TOKEN[byte as usize]
}

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        table[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'!' | b'#'
                    | b'$'
                    | b'%'
                    | b'&'
                    | b'\''
                    | b'*'
                    | b'+'
                    | b'-'
                    | b'.'
                    | b'^'
                    | b'_'
                    | b'`'
                    | b'|'
                    | b'~'
            );
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests;
