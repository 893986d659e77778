//! The one normal form of a request path, used by the matcher and by the upstream alike.
//! It refuses every spelling that two programs could read in two ways.

use std::borrow::Cow;

/// Why a path has no normal form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Not an absolute path.
    #[error("the request target is not an absolute path")]
    NotAbsolute,
    /// `.` or `..`, plain or encoded.
    #[error("the path has dot segments")]
    DotSegment,
    /// `//`.
    #[error("the path has an empty segment")]
    EmptySegment,
    /// `%2F`, `%5C`, `\`, `;` or `%3B`.
    #[error("the path has an encoded or disguised separator")]
    Separator,
    /// A percent sign without two hexadecimal digits, or one that is encoded itself and hides another escape.
    #[error("the path has a broken or doubled escape")]
    Escape,
    /// A control character, plain or encoded.
    #[error("the path has a control character")]
    Control,
    /// Bytes that are not UTF-8 when decoded.
    #[error("the path is not UTF-8")]
    Encoding,
}

/// Brings a path (without query) into its normal form: unreserved characters are decoded, other escapes
/// are written in upper case, characters outside RFC 3986 §3.3 are escaped.
///
/// # Errors
/// When the path is ambiguous; nothing is ever repaired.
pub fn normalize(raw: &str) -> Result<Cow<'_, str>, PathError> {
    if !raw.starts_with('/') {
        return Err(PathError::NotAbsolute);
    }
    let normal = if raw.bytes().all(is_plain) {
        Cow::Borrowed(raw)
    } else {
        Cow::Owned(rewrite(raw)?)
    };
    judge_segments(&normal)?;
    Ok(normal)
}

/// Bytes that stand for themselves and need no work: RFC 3986 `pchar` without `;`, and `/`.
fn is_plain(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,=:@/".contains(&byte)
}

/// RFC 3986 §2.3
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn judge_segments(path: &str) -> Result<(), PathError> {
    // As bytes: looking for a character in a text costs more than the segments are long.
    let mut segments = path.as_bytes()[1..].split(|byte| *byte == b'/').peekable();
    while let Some(segment) = segments.next() {
        match segment {
            b"." | b".." => return Err(PathError::DotSegment),
            b"" if segments.peek().is_some() => return Err(PathError::EmptySegment),
            _ => {}
        }
    }
    Ok(())
}

fn rewrite(raw: &str) -> Result<String, PathError> {
    let bytes = raw.as_bytes();
    let mut out = String::with_capacity(raw.len() + 8);
    let mut decoded = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            let value = escaped(bytes, at).ok_or(PathError::Escape)?;
            judge_escaped(value, bytes, at)?;
            if is_unreserved(value) {
                out.push(char::from(value));
            } else {
                push_escape(&mut out, value);
            }
            decoded.push(value);
            at += 3;
            continue;
        }
        judge_plain(byte)?;
        if is_plain(byte) {
            out.push(char::from(byte));
        } else {
            push_escape(&mut out, byte);
        }
        decoded.push(byte);
        at += 1;
    }
    std::str::from_utf8(&decoded).map_err(|_| PathError::Encoding)?;
    Ok(out)
}

fn judge_plain(byte: u8) -> Result<(), PathError> {
    match byte {
        0..=0x20 | 0x7f => Err(PathError::Control),
        b'\\' | b';' => Err(PathError::Separator),
        // RFC 3986 §2: a URI is ASCII; a raw byte beyond is read differently by different programs.
        0x80.. => Err(PathError::Encoding),
        _ => Ok(()),
    }
}

fn judge_escaped(value: u8, bytes: &[u8], at: usize) -> Result<(), PathError> {
    match value {
        b'/' | b'\\' | b';' => Err(PathError::Separator),
        0..=0x1f | 0x7f => Err(PathError::Control),
        // `%252e`: harmless here, a dot for a backend that decodes twice.
        b'%' if hex_pair(bytes, at + 3).is_some() => Err(PathError::Escape),
        _ => Ok(()),
    }
}

fn escaped(bytes: &[u8], at: usize) -> Option<u8> {
    hex_pair(bytes, at + 1)
}

fn hex_pair(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    u8::try_from(digit(at)? * 16 + digit(at + 1)?).ok()
}

fn push_escape(out: &mut String, value: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(char::from(DIGITS[usize::from(value >> 4)]));
    out.push(char::from(DIGITS[usize::from(value & 15)]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_paths_are_left_alone() {
        for path in [
            "/",
            "/orders",
            "/orders/",
            "/a/b.c/~d",
            "/a:b@c/$x,y=1",
            "/...",
            "/a..b",
        ] {
            assert_eq!(normalize(path).as_deref(), Ok(path));
            assert!(
                matches!(normalize(path), Ok(Cow::Borrowed(_))),
                "{path} must not be copied"
            );
        }
    }

    #[test]
    fn escapes_get_one_spelling() {
        assert_eq!(normalize("/%61dmin").as_deref(), Ok("/admin"));
        assert_eq!(normalize("/%c3%a4").as_deref(), Ok("/%C3%A4"));
        assert_eq!(normalize("/a%20b").as_deref(), Ok("/a%20b"));
        assert_eq!(normalize("/a|b").as_deref(), Ok("/a%7Cb"));
        assert_eq!(normalize("/100%25").as_deref(), Ok("/100%25"));
    }

    /// X05
    #[test]
    fn ambiguous_paths_are_refused() {
        let cases = [
            ("", PathError::NotAbsolute),
            ("*", PathError::NotAbsolute),
            ("http://x/", PathError::NotAbsolute),
            ("//admin", PathError::EmptySegment),
            ("/a//b", PathError::EmptySegment),
            ("/./admin", PathError::DotSegment),
            ("/x/../admin", PathError::DotSegment),
            ("/x/..", PathError::DotSegment),
            ("/x/%2e%2E/admin", PathError::DotSegment),
            ("/x/.%2e", PathError::DotSegment),
            ("/x/..%2fadmin", PathError::Separator),
            ("/x%5cadmin", PathError::Separator),
            ("/x\\admin", PathError::Separator),
            ("/admin;x=1", PathError::Separator),
            ("/admin%3bx", PathError::Separator),
            ("/a%00", PathError::Control),
            ("/a%0d%0a", PathError::Control),
            ("/a%7f", PathError::Control),
            ("/a b", PathError::Control),
            ("/%ff", PathError::Encoding),
            ("/%c0%ae", PathError::Encoding),
            ("/ä", PathError::Encoding),
            ("/%", PathError::Escape),
            ("/%6", PathError::Escape),
            ("/%zz", PathError::Escape),
            ("/%252e", PathError::Escape),
        ];
        for (path, reason) in cases {
            assert_eq!(normalize(path), Err(reason), "{path}");
        }
    }

    /// The reference: decode everything once, judge the decoded text, encode it again.
    fn reference(raw: &str) -> Option<String> {
        let bytes = raw.as_bytes();
        let mut decoded = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] == b'%' {
                let digits = raw
                    .get(at + 1..at + 3)
                    .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
                let value = u8::from_str_radix(digits, 16).ok()?;
                let hides = raw
                    .get(at + 3..at + 5)
                    .is_some_and(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
                if b"/\\;".contains(&value) || (value == b'%' && hides) {
                    return None;
                }
                decoded.push(value);
                at += 3;
            } else {
                if bytes[at] >= 0x80 || b"\\; ".contains(&bytes[at]) {
                    return None;
                }
                decoded.push(bytes[at]);
                at += 1;
            }
        }
        let text = String::from_utf8(decoded).ok()?;
        if text.chars().any(|c| c.is_ascii_control()) {
            return None;
        }
        let mut parts = text.strip_prefix('/')?.split('/').collect::<Vec<_>>();
        if parts.contains(&".") || parts.contains(&"..") {
            return None;
        }
        parts.pop();
        if parts.contains(&"") {
            return None;
        }
        Some(
            text.bytes()
                .map(|b| {
                    if is_plain(b) {
                        char::from(b).to_string()
                    } else {
                        format!("%{b:02X}")
                    }
                })
                .collect(),
        )
    }

    /// Escapes of characters that may stand for themselves (`%3A` and `:`) stay as they came: RFC 3986 §2.2.
    fn decode_reserved(normal: &str) -> String {
        let mut text = normal.to_owned();
        for byte in b"!$&'()*+,=:@" {
            text = text.replace(&format!("%{byte:02X}"), &char::from(*byte).to_string());
        }
        text
    }

    proptest! {
        #[test]
        fn normal_form_is_idempotent_and_agrees_with_the_reference(
            raw in "/([a-c./;%\\\\ ä|:~]|%[0-9a-fA-F]{2}|%2[eEfF5]|%c3%a4){0,12}"
        ) {
            let normal = normalize(&raw).ok();
            prop_assert_eq!(normal.as_deref().map(decode_reserved), reference(&raw));
            if let Some(normal) = normal {
                let again = normalize(&normal);
                prop_assert_eq!(again.as_deref(), Ok(normal.as_ref()));
            }
        }

        #[test]
        fn arbitrary_text_never_panics(raw in "\\PC{0,40}") {
            let _ = normalize(&raw);
        }
    }
}
