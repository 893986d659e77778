//! Client certificates (RFC 8705): which ones a listener asks for, and whose a request came with.
//! It refuses to take a trusted peer's own certificate for that of its client, and to resume sessions.

use crate::config::{ClientCertificates, Tls};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};
use pingora::proxy::Session;
use pingora::tls::error::ErrorStack;
use pingora::tls::ssl::{SslAcceptorBuilder, SslOptions, SslSessionCacheMode, SslVerifyMode};
use pingora::tls::x509::X509Name;
use sha2::{Digest as _, Sha256};

/// The certificate of the client (RFC 9440 §2.2).
pub const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");
/// The certificates above it (RFC 9440 §2.3).
pub const CLIENT_CERT_CHAIN: HeaderName = HeaderName::from_static("client-cert-chain");

/// Makes handshakes ask for a certificate, when the settings say so.
///
/// Whoever shows one proves to have its key in every handshake: there is none without that signature.
pub fn ask(builder: &mut SslAcceptorBuilder, files: &Tls) -> Result<(), ErrorStack> {
    let mode = match files.client_certificates {
        ClientCertificates::None => return Ok(()),
        ClientCertificates::Optional => SslVerifyMode::PEER,
        ClientCertificates::Required => SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT,
    };
    match &files.client_ca_file {
        Some(file) => {
            builder.set_ca_file(file)?;
            builder.set_client_ca_list(X509Name::load_client_ca_file(file)?);
            builder.set_verify(mode);
        }
        // RFC 8705 §2.2: a token may be bound to a certificate that nobody vouches for.
        None => builder.set_verify_callback(mode, |_, _| true),
    }
    // A resumed session would speak for a certificate whose key is not proven again.
    builder.set_session_cache_mode(SslSessionCacheMode::OFF);
    builder.set_options(SslOptions::NO_TICKET);
    builder.set_num_tickets(0)
}

/// SHA-256 of the certificate that the connection was made with.
pub fn of_connection(session: &Session) -> Option<[u8; 32]> {
    let digest = session.digest()?.ssl_digest.as_ref()?;
    digest.cert_digest.as_slice().try_into().ok()
}

/// SHA-256 of the certificate that a header names: one line, one byte sequence (RFC 9440 §2.1).
pub fn named(headers: &HeaderMap) -> Option<[u8; 32]> {
    let mut lines = headers.get_all(CLIENT_CERT).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    let encoded = line.as_bytes().strip_prefix(b":")?.strip_suffix(b":")?;
    let certificate = STANDARD.decode(encoded).ok()?;
    (!certificate.is_empty()).then(|| Sha256::digest(&certificate).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn of(lines: &[&'static str]) -> Option<[u8; 32]> {
        let pairs = lines
            .iter()
            .map(|line| (CLIENT_CERT, HeaderValue::from_static(line)));
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
