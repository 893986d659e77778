//! The certificate of the public listener, replaceable while connections go on.
//! A certificate that cannot be used never takes the place of one that can.

use std::{fs, io, path::PathBuf, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject as _},
    server::NoServerSessionStorage,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_rustls::TlsAcceptor;

use super::client_certificate::AnyCertificate;
use crate::config::TlsConfig;

const WATCH_EVERY: Duration = Duration::from_secs(5);

/// Why a certificate or key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read {}: {source}", path.display())]
    File { path: PathBuf, source: pem::Error },
    #[error("{} names no authorities: {reason}", path.display())]
    Authorities { path: PathBuf, reason: String },
    #[error("the certificate and key cannot be used: {0}")]
    Rejected(#[from] rustls::Error),
}

/// The certificate in use, shared by the accept loop and whoever reloads it.
#[derive(Clone)]
pub struct Certificates {
    files: Arc<TlsConfig>,
    current: Arc<ArcSwap<ServerConfig>>,
}

impl Certificates {
    /// Reads the certificate and key.
    pub fn load(files: TlsConfig) -> Result<Self, TlsError> {
        let config = read(&files)?;
        Ok(Self {
            files: Arc::new(files),
            current: Arc::new(ArcSwap::new(config)),
        })
    }

    /// Reads both files again; new connections get the new certificate. On an error the old one stays.
    pub fn reload(&self) -> Result<(), TlsError> {
        self.current.store(read(&self.files)?);
        Ok(())
    }

    /// Reloads on SIGHUP and when a file changes, for as long as the result is polled; hears signals from now on.
    pub fn watch(self) -> io::Result<impl Future<Output = ()>> {
        let mut hangup = signal(SignalKind::hangup())?;
        Ok(async move {
            let mut every = tokio::time::interval(WATCH_EVERY);
            let mut seen = self.stamp();
            loop {
                let asked = tokio::select! {
                    _ = hangup.recv() => true,
                    _ = every.tick() => false,
                };
                let now = self.stamp();
                if asked || now != seen {
                    self.reload_and_say();
                }
                seen = now;
            }
        })
    }

    fn reload_and_say(&self) {
        match self.reload() {
            Ok(()) => tracing::info!("certificate reloaded"),
            Err(error) => tracing::error!(%error, "the certificate was not reloaded; the old one stays"),
        }
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current.load_full())
    }

    fn stamp(&self) -> [Option<(std::time::SystemTime, u64)>; 2] {
        [&self.files.certificate_file, &self.files.key_file].map(|path| {
            let found = fs::metadata(path).ok()?;
            Some((found.modified().ok()?, found.len()))
        })
    }
}

fn read(files: &TlsConfig) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = CertificateDer::pem_file_iter(&files.certificate_file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|source| TlsError::File {
            path: files.certificate_file.clone(),
            source,
        })?;
    let key = PrivateKeyDer::from_pem_file(&files.key_file).map_err(|source| TlsError::File {
        path: files.key_file.clone(),
        source,
    })?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
    let mut config = if files.client_certificates {
        let verifier = Arc::new(AnyCertificate(provider));
        let mut config = builder
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)?;
        // A resumed session would speak for a certificate whose key is not proven again.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config
    } else {
        builder.with_no_client_auth().with_single_cert(chain, key)?
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
