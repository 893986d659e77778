//! `Client-Cert` (RFC 9440): the certificate that a client showed to whoever ends TLS for us.
//! Refuses anything but one line with one byte sequence; whether the sender may say so is not judged here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};
use sha2::{Digest as _, Sha256};

/// The certificate of the client (RFC 9440 §2.2).
pub const HEADER: HeaderName = HeaderName::from_static("client-cert");
/// The certificates above it (RFC 9440 §2.3).
pub const CHAIN_HEADER: HeaderName = HeaderName::from_static("client-cert-chain");

/// SHA-256 of the certificate that the header names.
#[must_use]
pub fn named(headers: &HeaderMap) -> Option<[u8; 32]> {
    let mut lines = headers.get_all(HEADER).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    // RFC 9440 §2.1
    let encoded = line.as_bytes().strip_prefix(b":")?.strip_suffix(b":")?;
    let certificate = STANDARD.decode(encoded).ok()?;
    (!certificate.is_empty()).then(|| Sha256::digest(&certificate).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn of(lines: &[&'static str]) -> Option<[u8; 32]> {
        let pairs = lines.iter().map(|line| (HEADER, HeaderValue::from_static(line)));
        named(&pairs.collect())
    }

    #[test]
    fn a_header_names_one_certificate() {
        assert_eq!(of(&[":AQID:"]), Some(Sha256::digest([1, 2, 3]).into()));
    }

    #[test]
    fn anything_else_names_none() {
        for lines in [
            &[][..],
            &[""],
            &[":"],
            &["::"],
            &["AQID"],
            &[":AQI:"],
            &[":AQID:;a"],
            &[":AQID:, :AQID:"],
            &[":AQID:", ":AQID:"],
        ] {
            assert_eq!(of(lines), None, "{lines:?}");
        }
    }
}
