//! TLS listeners: the acceptor, its certificate, and the reload of both.
//! They refuse a certificate that cannot be used and keep the last good one.

use super::client_certificate;
use crate::config::Tls;
use arc_swap::ArcSwap;
use async_trait::async_trait;
use pingora::listeners::TlsAccept;
use pingora::protocols::tls::TlsRef;
use pingora::proxy::Session;
use pingora::tls::error::{Error, ErrorStack};
use pingora::tls::ssl::{AlpnError, NameType, SslAcceptor, SslFiletype, SslMethod, select_next_proto};
use std::any::Any;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// The protocols offered, the better one first.
const ALPN: &[u8] = b"\x02h2\x08http/1.1";

/// The certificate of one listener.
pub struct Certificates {
    files: Tls,
    acceptor: ArcSwap<SslAcceptor>,
    seen: std::sync::Mutex<Option<Vec<SystemTime>>>,
}

impl Certificates {
    /// Loads the files.
    ///
    /// # Errors
    /// A sentence for the person who named them.
    pub fn load(files: &Tls) -> Result<Self, String> {
        let acceptor = acceptor(files)?;
        let seen = std::sync::Mutex::new(modified(files));
        Ok(Self {
            files: files.clone(),
            acceptor: ArcSwap::from_pointee(acceptor),
            seen,
        })
    }

    /// The acceptor for the next handshake.
    #[must_use]
    pub fn acceptor(&self) -> Arc<SslAcceptor> {
        self.acceptor.load_full()
    }

    /// Loads the files again when they changed.
    pub fn reload(&self) {
        let now = modified(&self.files);
        let mut seen = self
            .seen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if *seen == now {
            return;
        }
        *seen = now;
        match acceptor(&self.files) {
            Ok(acceptor) => {
                self.acceptor.store(Arc::new(acceptor));
                tracing::info!(file = %self.files.certificate_file.display(), "certificate reloaded");
            }
            Err(reason) => tracing::error!(reason, "certificate not reloaded, the old one stays"),
        }
    }
}

fn modified(files: &Tls) -> Option<Vec<SystemTime>> {
    let of = |path: &PathBuf| std::fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let own = [&files.certificate_file, &files.key_file];
    own.into_iter().chain(&files.client_ca_file).map(of).collect()
}

/// Whether handshakes can be made with these files.
///
/// # Errors
/// A sentence for the person who named them.
pub fn try_out(files: &Tls) -> Result<(), String> {
    acceptor(files).map(drop)
}

fn acceptor(files: &Tls) -> Result<SslAcceptor, String> {
    let (certificate, key) = (files.certificate_file.display(), files.key_file.display());
    let unlike = || format!("{key} is not the key of {certificate}");
    let mut builder =
        SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).map_err(|reason| reason.to_string())?;
    builder
        .set_certificate_chain_file(&files.certificate_file)
        .map_err(|reason| unread("a certificate", &files.certificate_file, &reason))?;
    builder
        .set_private_key_file(&files.key_file, SslFiletype::PEM)
        .map_err(|reason| match is_mismatch(&reason) {
            true => unlike(),
            false => unread("a private key without a passphrase", &files.key_file, &reason),
        })?;
    builder.check_private_key().map_err(|_| unlike())?;
    client_certificate::ask(&mut builder, files).map_err(|reason| {
        let file = files.client_ca_file.as_deref();
        file.map_or_else(
            || reason.to_string(),
            |file| unread("certificates", file, &reason),
        )
    })?;
    builder.set_alpn_select_callback(|_, offered| select_next_proto(ALPN, offered).ok_or(AlpnError::NOACK));
    Ok(builder.build())
}

/// The library compares the key with the certificate where it reads it.
fn is_mismatch(error: &ErrorStack) -> bool {
    let reasons = error.errors().iter().filter_map(Error::reason);
    reasons.into_iter().any(|reason| reason.contains("mismatch"))
}

fn unread(what: &str, file: &Path, error: &ErrorStack) -> String {
    let name = file.display();
    match std::fs::File::open(file) {
        Err(reason) => format!("cannot read {name}: {reason}"),
        Ok(_) => {
            let first = error.errors().first().and_then(Error::reason);
            format!(
                "{name} does not hold {what} in PEM ({})",
                first.unwrap_or("unreadable")
            )
        }
    }
}

/// Notes the server name of a handshake.
pub struct NoteServerName;

struct ServerName(String);

#[async_trait]
impl TlsAccept for NoteServerName {
    async fn handshake_complete_callback(&self, ssl: &TlsRef) -> Option<Arc<dyn Any + Send + Sync>> {
        let name = ssl.servername(NameType::HOST_NAME)?;
        Some(Arc::new(ServerName(name.to_owned())))
    }
}

/// The server name the client connected for.
pub fn server_name(session: &Session) -> Option<&str> {
    let digest = session.digest()?.ssl_digest.as_ref()?;
    digest.extension.get::<ServerName>().map(|name| name.0.as_str())
}
