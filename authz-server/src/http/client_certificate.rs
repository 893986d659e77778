//! The certificate that a client showed: in the handshake, or to a trusted proxy that says so (RFC 9440).
//! Refuses to take a proxy's own certificate for that of its client.

use std::sync::Arc;

use http::Request;
use oauth::client_cert;
use sha2::{Digest as _, Sha256};

use super::Inner;

/// SHA-256 of a certificate whose key was proven in a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientCertificate(pub [u8; 32]);

/// That certificate in DER, and those that were shown above it, the nearest first.
#[derive(Clone, Debug)]
pub struct CertificateChain(pub Arc<[Vec<u8>]>);

impl ClientCertificate {
    /// The digest of a certificate.
    pub fn of(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }
}

/// Puts the certificate of the client in the place of its proxy's.
pub(super) fn settle<B>(shared: &Inner, request: &mut Request<B>, trusted: bool) {
    if !trusted {
        return;
    }
    let headers = request.headers();
    let named = shared
        .client_cert_header
        .then(|| client_cert::certificate(headers));
    let named = named.flatten().map(|own| {
        let digest = ClientCertificate::of(&own);
        let chain = [own].into_iter().chain(client_cert::chain(headers));
        (digest, CertificateChain(chain.collect()))
    });
    let extensions = request.extensions_mut();
    extensions.remove::<ClientCertificate>();
    extensions.remove::<CertificateChain>();
    if let Some((digest, chain)) = named {
        extensions.insert(digest);
        extensions.insert(chain);
    }
}
