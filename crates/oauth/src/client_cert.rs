//! Certificates of clients: the header that names one (RFC 9440), and what one may prove (RFC 8705).
//! Refuses a header that has two readings; whether its sender may say so, and who signed a certificate, is not judged here.

mod distinguished_name;
mod name;
mod registered;

pub use distinguished_name::DistinguishedName;
pub use name::{ExpectedName, VouchedNames};
pub use registered::{has_certificates, names_certificate};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};
use sha2::{Digest as _, Sha256};

/// The certificate of the client (RFC 9440 §2.2).
pub const HEADER: HeaderName = HeaderName::from_static("client-cert");
/// The certificates above it (RFC 9440 §2.3).
pub const CHAIN_HEADER: HeaderName = HeaderName::from_static("client-cert-chain");

/// The most certificates above that of a client.
const MAX_CHAIN: usize = 8;

/// A certificate that a client proved to have, and the names in it where an authority vouches for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenCertificate {
    /// SHA-256 of the certificate.
    pub digest: [u8; 32],
    /// None when nobody who is trusted signed it, or it is not in force.
    pub vouched: Option<VouchedNames>,
}

/// SHA-256 of the certificate that the header names.
#[must_use]
pub fn named(headers: &HeaderMap) -> Option<[u8; 32]> {
    certificate(headers).map(|der| Sha256::digest(&der).into())
}

/// The certificate that the header names, in DER.
#[must_use]
pub fn certificate(headers: &HeaderMap) -> Option<Vec<u8>> {
    let mut lines = headers.get_all(HEADER).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    bytes(line.as_bytes())
}

/// The certificates above it, the nearest first; none when they are not a list of byte sequences (RFC 9440 §2.3).
#[must_use]
pub fn chain(headers: &HeaderMap) -> Vec<Vec<u8>> {
    let lines = headers.get_all(CHAIN_HEADER).iter();
    let items = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    let read: Option<Vec<_>> = items
        .take(MAX_CHAIN + 1)
        .map(|item| bytes(item.trim_ascii()))
        .collect();
    read.filter(|chain| chain.len() <= MAX_CHAIN).unwrap_or_default()
}

/// RFC 9440 §2.1
fn bytes(item: &[u8]) -> Option<Vec<u8>> {
    let encoded = item.strip_prefix(b":")?.strip_suffix(b":")?;
    let certificate = STANDARD.decode(encoded).ok()?;
    (!certificate.is_empty()).then_some(certificate)
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

    #[test]
    fn a_chain_is_read_as_a_whole_or_not_at_all() {
        let of = |lines: &[&str]| {
            let pairs = lines
                .iter()
                .map(|line| (CHAIN_HEADER, HeaderValue::from_str(line).unwrap()));
            chain(&pairs.collect())
        };
        assert_eq!(of(&[":AQ==:, :Ag==:", ":Aw==:"]), [[1], [2], [3]]);
        assert_eq!(of(&[":AQ==:"; 8]).len(), 8);
        for bad in [&["AQ=="][..], &[":AQ==:,"], &[":AQ==:", "x"], &[":AQ==:"; 9], &[]] {
            assert!(of(bad).is_empty(), "{bad:?}");
        }
    }
}
