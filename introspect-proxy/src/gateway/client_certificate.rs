//! Client certificates (RFC 8705): which ones a listener asks for, and whose a request came with.
//! It refuses to take a trusted peer's own certificate for that of its client, and to resume sessions.

use crate::config::{ClientCertificates, Tls};
use pingora::proxy::Session;
use pingora::tls::error::ErrorStack;
use pingora::tls::ssl::{SslAcceptorBuilder, SslOptions, SslSessionCacheMode, SslVerifyMode};
use pingora::tls::x509::X509Name;

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
