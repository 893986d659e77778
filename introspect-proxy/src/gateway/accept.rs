//! Listening sockets and their accept loops.
//! They refuse connections beyond the bounds before a byte is read.

use super::Origin;
use super::open_connections::OpenConnections;
use super::tls::Certificates;
use super::worker::{Incoming, Site, Workers};
use crate::config;
use crate::handover::{Label, Predecessor, Socket};
use ipnet::IpNet;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// A socket that is bound and listens.
pub struct BoundListener {
    /// Its name in the configuration.
    pub name: String,
    /// Where it listens, with the real port.
    pub address: SocketAddr,
    label: Label,
    socket: TcpListener,
    trusted_peers: Vec<IpNet>,
    proxy_protocol: bool,
    client_cert_header: bool,
    certificates: Option<Arc<Certificates>>,
}

impl BoundListener {
    /// What workers need to know of it.
    #[must_use]
    pub fn site(&self) -> Site {
        let origin = Origin {
            trusted_peers: self.trusted_peers.clone(),
            tls: self.certificates.is_some(),
            proxy_protocol: self.proxy_protocol,
            client_cert_header: self.client_cert_header,
        };
        Site {
            origin: Arc::new(origin),
            certificates: self.certificates.clone(),
        }
    }

    /// What a successor gets.
    ///
    /// # Errors
    /// When the process has no descriptor left.
    pub fn offered(&self) -> std::io::Result<Socket> {
        Ok(Socket {
            label: self.label.clone(),
            descriptor: self.socket.as_fd().try_clone_to_owned()?,
        })
    }

    /// The certificate to be watched.
    #[must_use]
    pub fn certificates(&self) -> Option<Arc<Certificates>> {
        self.certificates.clone()
    }
}

/// The socket that the predecessor had for `label`, or a new one.
///
/// # Errors
/// When nothing can listen there.
pub async fn socket(label: &Label, predecessor: Option<&mut Predecessor>) -> std::io::Result<TcpListener> {
    match predecessor.and_then(|predecessor| predecessor.claim(label)) {
        Some(inherited) => {
            inherited.set_nonblocking(true)?;
            TcpListener::from_std(inherited)
        }
        None => TcpListener::bind(label.asked).await,
    }
}

/// Binds a listener, or takes it from the predecessor.
///
/// # Errors
/// A sentence that names it.
pub async fn bind(
    listener: &config::Listener,
    predecessor: Option<&mut Predecessor>,
) -> Result<BoundListener, String> {
    let failed = |reason: std::io::Error| {
        format!(
            "listeners.{}: cannot listen on {}: {reason}",
            listener.name, listener.listen
        )
    };
    let certificates = listener
        .tls
        .as_ref()
        .map(Certificates::load)
        .transpose()
        .map_err(|reason| format!("listeners.{}.tls: {reason}", listener.name))?
        .map(Arc::new);
    let label = Label {
        name: listener.name.clone(),
        asked: listener.listen,
    };
    let socket = socket(&label, predecessor).await.map_err(failed)?;
    let address = socket.local_addr().map_err(failed)?;
    let trusted_peers = listener.trusted_peers.clone();
    Ok(BoundListener {
        name: listener.name.clone(),
        address,
        label,
        socket,
        trusted_peers,
        proxy_protocol: listener.proxy_protocol,
        client_cert_header: listener.client_cert_header,
        certificates,
    })
}

/// An accept loop.
pub struct Accepting {
    /// Number of the listener.
    pub index: usize,
    /// The socket.
    pub listener: BoundListener,
    /// Who serves connections.
    pub workers: Arc<Workers>,
    /// Who counts them.
    pub open: Arc<OpenConnections>,
}

impl Accepting {
    /// Accepts for as long as the task lives.
    pub async fn run(self) {
        loop {
            match self.listener.socket.accept().await {
                Ok((stream, peer)) => self.take(stream, peer),
                Err(error) => {
                    // Out of descriptors, mostly: others must close first.
                    tracing::warn!(%error, "accept failed");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }

    fn take(&self, stream: tokio::net::TcpStream, peer: SocketAddr) {
        let address = peer.ip().to_canonical();
        let trusted = self
            .listener
            .trusted_peers
            .iter()
            .any(|network| network.contains(&address));
        let Some(open) = self.open.open(address, trusted) else {
            tracing::debug!("too many connections");
            return;
        };
        if let Ok(socket) = stream.set_nodelay(true).and_then(|()| stream.into_std()) {
            self.workers.give(Incoming {
                socket,
                peer,
                listener: self.index,
                open,
            });
        }
    }
}
