//! The certificate that a client showed: in the handshake, or to a trusted proxy that says so (RFC 9440).
//! Refuses to take a proxy's own certificate for that of its client.

use axum::extract::Request;

use super::Inner;

/// SHA-256 of a certificate whose key was proven in a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientCertificate(pub [u8; 32]);

/// Puts the certificate of the client in the place of its proxy's.
pub(super) fn settle(shared: &Inner, request: &mut Request, trusted: bool) {
    if !trusted {
        return;
    }
    request.extensions_mut().remove::<ClientCertificate>();
    if shared.client_cert_header
        && let Some(digest) = oauth::client_cert::named(request.headers())
    {
        request.extensions_mut().insert(ClientCertificate(digest));
    }
}
