//! Sockets: binding, the accept loop, and an orderly end.
//! Knows nothing of routes; it hands each connection a router and says who is at the other end.

mod authorities;
mod client_certificate;
mod connection;
mod port_file;
mod tls;
mod workers;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

pub use authorities::CertificateAuthorities;
use connection::Connections;
pub use connection::{Answers, Peer};
pub use port_file::write_port_file;
pub use tls::{Certificates, TlsError};
pub use workers::Workers;

/// A bound socket that does not answer yet.
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Option<Certificates>,
    workers: Option<Arc<Workers>>,
}

impl Listener {
    /// Binds the address; port 0 picks a free one.
    pub async fn bind(address: SocketAddr, tls: Option<Certificates>) -> io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        Ok(Self {
            socket,
            address,
            tls,
            workers: None,
        })
    }

    /// Its connections run on these, not where they are accepted.
    pub fn on(self, workers: Arc<Workers>) -> Self {
        let workers = Some(workers);
        Self { workers, ..self }
    }

    /// The address it is bound to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop`, then lets requests in progress finish for at most `grace`.
    pub async fn serve(self, doors: impl Answers, stop: CancellationToken, grace: Duration) {
        let graceful = GracefulShutdown::new();
        let connections = Connections::new(doors, self.tls);
        loop {
            let accepted = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                accepted = self.socket.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    prepare(&stream);
                    let (connections, watcher) = (connections.clone(), graceful.watcher());
                    let serve = move |stream| connections.run(stream, peer, watcher);
                    match &self.workers {
                        Some(workers) => workers.run(stream, serve),
                        None => _ = tokio::spawn(serve(stream)),
                    }
                }
                Err(error) => pause_after(&error).await,
            }
        }
        drop(self.socket);
        if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
            tracing::warn!(address = %self.address, "some connections did not finish in time and were cut");
        }
        connections.cut();
    }
}

fn prepare(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
}

/// A peer that gave up is no reason to wait; being out of file descriptors is.
async fn pause_after(error: &io::Error) {
    let kind = error.kind();
    if !matches!(
        kind,
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    ) {
        tracing::error!(%error, "a connection could not be accepted");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
