//! Whom an upstream connection trusts, and the certificate it shows.
//! It refuses to connect without verification; there is no setting for that.

use crate::config::UpstreamTls;
use pingora::protocols::tls::CaType;
use pingora::tls::pkey::PKey;
use pingora::tls::x509::X509;
use pingora::utils::tls::CertKey;
use std::path::Path;
use std::sync::Arc;

/// The certificates of one upstream.
#[derive(Default)]
pub struct Trust {
    authorities: Option<Arc<CaType>>,
    certificate: Option<Arc<CertKey>>,
    /// The same as PEM, for health checks.
    authorities_pem: Option<Vec<u8>>,
    identity_pem: Option<Vec<u8>>,
}

impl Trust {
    /// Reads the files of `settings`.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn read(settings: &UpstreamTls) -> Result<Self, String> {
        let mut trust = Self::default();
        let Some(options) = settings.options() else {
            return Ok(trust);
        };
        if let Some(file) = &options.ca_file {
            let pem = bytes(file)?;
            let certificates = stack(file, &pem)?;
            trust.authorities = Some(Arc::new(certificates.into_boxed_slice()));
            trust.authorities_pem = Some(pem);
        }
        if let (Some(certificate), Some(key)) = (&options.client_certificate_file, &options.client_key_file) {
            let (chain, secret) = (bytes(certificate)?, bytes(key)?);
            let private = PKey::private_key_from_pem(&secret).map_err(|reason| wrong(key, reason))?;
            trust.certificate = Some(Arc::new(CertKey::new(stack(certificate, &chain)?, private)));
            trust.identity_pem = Some([chain, secret].concat());
        }
        Ok(trust)
    }

    /// Who may vouch for the service; `None`: those of the system.
    pub fn authorities(&self) -> Option<Arc<CaType>> {
        self.authorities.clone()
    }

    /// What the proxy shows.
    pub fn certificate(&self) -> Option<Arc<CertKey>> {
        self.certificate.clone()
    }

    /// The same trust for a client of another library.
    ///
    /// # Errors
    /// When it does not take the certificates.
    pub fn apply(&self, mut builder: reqwest::ClientBuilder) -> reqwest::Result<reqwest::ClientBuilder> {
        if let Some(pem) = &self.authorities_pem {
            builder = builder.tls_certs_only(reqwest::Certificate::from_pem_bundle(pem)?);
        }
        if let Some(pem) = &self.identity_pem {
            builder = builder.identity(reqwest::Identity::from_pem(pem)?);
        }
        Ok(builder)
    }
}

fn bytes(file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|reason| wrong(file, reason))
}

fn stack(file: &Path, pem: &[u8]) -> Result<Vec<X509>, String> {
    let found = X509::stack_from_pem(pem).map_err(|reason| wrong(file, reason))?;
    if found.is_empty() {
        return Err(wrong(file, "no certificate in it"));
    }
    Ok(found)
}

fn wrong(file: &Path, reason: impl std::fmt::Display) -> String {
    format!("{}: {reason}", file.display())
}
