//! The one form of a request that is signed, whichever way it was written.
//! Refuses what signers write in different ways: such a request has no canonical form.

pub(crate) mod headers;
pub(crate) mod path;
pub(crate) mod query;

use sha2::{Digest, Sha256};

use crate::refusal::Refusal;
use crate::request::{Request, Rules};
use headers::SignedHeaders;
use query::Query;

const LONGEST_METHOD: usize = 32;

/// The SHA-256 of the canonical request, in hexadecimal digits. The digest of the body is always part of it.
pub(crate) fn digest(
    request: Request<'_>,
    query: &Query<'_>,
    signed: &SignedHeaders<'_>,
    rules: &Rules<'_>,
) -> Result<String, Refusal> {
    let method = request.method;
    let token = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_graphic());
    if !token || method.len() > LONGEST_METHOD {
        return Err(Refusal::Malformed("the method"));
    }
    let mut text = Vec::with_capacity(512);
    for part in [
        method,
        &path::canonical(request.path, rules.path)?,
        &query.canonical(),
    ] {
        text.extend_from_slice(part.as_bytes());
        text.push(b'\n');
    }
    signed.write(request, &mut text);
    text.push(b'\n');
    text.extend_from_slice(signed.text().as_bytes());
    text.push(b'\n');
    text.extend_from_slice(hex_digest(request.body).as_bytes());
    Ok(hex_digest(&text))
}

pub(crate) fn hex_digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// RFC 3986 §2.3: everything but unreserved characters, in upper-case digits.
pub(crate) fn push_encoded(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(*byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}
