//! What a connection proves of the client at its other end: its certificate, and the names that authorities vouch for.
//! Refuses to look at names before somebody asks, and to believe them without a chain that holds now.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::Extensions;
use http::request::Parts;
use model::Timestamp;
use oauth::client_cert::ProvenCertificate;
use std::convert::Infallible;

use super::client_certificate::{CertificateChain, ClientCertificate};
use crate::listener::CertificateAuthorities;

/// What the connection of a request shows.
#[derive(Clone, Default)]
pub struct Connected {
    certificate: Option<ClientCertificate>,
    chain: Option<CertificateChain>,
    authorities: Option<Arc<CertificateAuthorities>>,
}

impl Connected {
    /// Reads what the listener, or a trusted proxy, has noted.
    pub fn of(extensions: &Extensions) -> Self {
        Self {
            certificate: extensions.get().copied(),
            chain: extensions.get().cloned(),
            authorities: extensions.get().cloned(),
        }
    }

    /// The certificate, and its names where their authority is one of ours.
    pub fn proven(&self, now: Timestamp) -> Option<ProvenCertificate> {
        let digest = self.certificate?.0;
        let both = self.authorities.as_ref().zip(self.chain.as_ref());
        Some(ProvenCertificate {
            digest,
            vouched: both.and_then(|(authorities, chain)| authorities.vouched(&chain.0, now)),
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Connected {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions))
    }
}
