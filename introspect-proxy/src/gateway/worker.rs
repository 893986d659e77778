//! Worker threads, one single-threaded runtime each; a connection stays with the worker it was given to.
//! They refuse to share upstream connections, which would wake threads across.

use super::conductor::Conductor;
use super::connection::{Bounds, Terms, serve_plain, serve_tls};
use super::open_connections::OpenConnection;
use super::proxy_protocol::{self, Announced};
use super::tls::{Certificates, NoteServerName};
use super::{Gateway, Origin};
use crate::core::Core;
use crate::front_filter::Scheme;
use pingora::apps::HttpServerOptions;
use pingora::protocols::l4::stream::Stream as Socket;
use pingora::protocols::tls::server::handshake_with_callback;
use pingora::protocols::{ALPN, GetSocketDigest, SocketDigest, Ssl};
use pingora::proxy::http_proxy;
use pingora::server::ShutdownWatch;
use pingora::server::configuration::ServerConf;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc;

/// A connection on its way to a worker.
pub struct Incoming {
    /// The socket, non-blocking.
    pub socket: TcpStream,
    /// The other end.
    pub peer: SocketAddr,
    /// Which listener took it.
    pub listener: usize,
    /// Its place in the table of open connections.
    pub open: OpenConnection,
}

/// What a worker knows of each listener.
#[derive(Clone)]
pub struct Site {
    /// For the gateway.
    pub origin: Arc<Origin>,
    /// For the handshake.
    pub certificates: Option<Arc<Certificates>>,
}

/// What every worker is made of.
#[derive(Clone)]
pub struct Blueprint {
    /// Shared state.
    pub core: Arc<Core>,
    /// The listeners.
    pub sites: Vec<Site>,
    /// Bounds of connections.
    pub bounds: Bounds,
    /// The two steps of leaving.
    pub departure: Departure,
}

/// How a proxy leaves: first each connection is to be closed after its next answer, then at once.
#[derive(Clone)]
pub struct Departure {
    /// Turns true when no connection should be kept alive any longer.
    pub leaving: ShutdownWatch,
    /// Turns true when those that wait for a request are closed.
    pub shutdown: ShutdownWatch,
}

/// The worker threads.
pub struct Workers {
    queues: Vec<mpsc::UnboundedSender<Incoming>>,
    next: AtomicUsize,
}

impl Workers {
    /// Starts `count` threads. They end when the workers are dropped.
    ///
    /// # Errors
    /// When the system gives no thread or no event queue.
    pub fn start(count: usize, blueprint: &Blueprint) -> std::io::Result<Self> {
        let mut queues = Vec::with_capacity(count);
        for index in 0..count {
            let (queue, incoming) = mpsc::unbounded_channel();
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let blueprint = blueprint.clone();
            std::thread::Builder::new()
                .name(format!("worker-{index}"))
                .spawn(move || runtime.block_on(work(&blueprint, incoming)))?;
            queues.push(queue);
        }
        Ok(Self {
            queues,
            next: AtomicUsize::new(0),
        })
    }

    /// Gives a connection to the next worker in turn.
    pub fn give(&self, incoming: Incoming) {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.queues.len();
        if self.queues[turn].send(incoming).is_err() {
            tracing::error!(worker = turn, "worker is gone");
        }
    }
}

async fn work(blueprint: &Blueprint, mut incoming: mpsc::UnboundedReceiver<Incoming>) {
    let apps: Vec<_> = blueprint
        .sites
        .iter()
        .map(|site| Arc::new(app(blueprint, site)))
        .collect();
    while let Some(connection) = incoming.recv().await {
        let (Some(app), Some(site)) = (
            apps.get(connection.listener),
            blueprint.sites.get(connection.listener),
        ) else {
            continue;
        };
        let terms = Terms {
            bounds: blueprint.bounds,
            scheme: if site.certificates.is_some() {
                Scheme::Https
            } else {
                Scheme::Http
            },
            metrics: Arc::clone(&blueprint.core.metrics),
            departure: blueprint.departure.clone(),
        };
        tokio::spawn(serve(Arc::clone(app), site.clone(), connection, terms));
    }
}

async fn serve(app: Arc<Conductor>, site: Site, incoming: Incoming, terms: Terms) {
    let _open = incoming.open;
    let Ok(socket) = tokio::net::TcpStream::from_std(incoming.socket) else {
        return;
    };
    let socket = if site.origin.proxy_protocol {
        let announced = announced(socket, incoming.peer, &site.origin);
        match tokio::time::timeout(terms.bounds.head_timeout, announced).await {
            Ok(Ok(socket)) => socket,
            Ok(Err(error)) => return tracing::info!(peer = %incoming.peer, %error, "PROXY header refused"),
            Err(_) => return tracing::info!(peer = %incoming.peer, "no PROXY header in time"),
        }
    } else {
        with_peer(socket, incoming.peer)
    };
    let Some(certificates) = site.certificates else {
        return serve_plain(app, socket, terms).await;
    };
    let acceptor = certificates.acceptor();
    let handshake = handshake_with_callback(&acceptor, socket, &NoteServerName);
    match tokio::time::timeout(terms.bounds.head_timeout, handshake).await {
        Ok(Ok(stream)) => {
            let http2 = matches!(stream.selected_alpn_proto(), Some(ALPN::H2));
            serve_tls(app, Box::new(stream), http2, terms).await;
        }
        Ok(Err(error)) => tracing::debug!(kind = error.etype().as_str(), "TLS handshake failed"),
        Err(_) => tracing::debug!("TLS handshake timed out"),
    }
}

/// The socket after its PROXY header, with the address that the header names.
async fn announced(
    mut socket: tokio::net::TcpStream,
    peer: SocketAddr,
    origin: &Origin,
) -> std::io::Result<Socket> {
    let Announced { client, rest } = proxy_protocol::read(&mut socket, peer, origin).await?;
    let mut socket = with_peer(socket, client.unwrap_or(peer));
    socket.rewind(&rest);
    Ok(socket)
}

/// The socket with the address it came from, so that nobody asks the system again.
fn with_peer(socket: tokio::net::TcpStream, peer: SocketAddr) -> Socket {
    let digest = SocketDigest::from_raw_fd(socket.as_raw_fd());
    // It was just made, so it is empty.
    let _ = digest.peer_addr.set(Some(peer.into()));
    let mut socket = Socket::from(socket);
    socket.set_socket_digest(digest);
    socket
}

fn app(blueprint: &Blueprint, site: &Site) -> Conductor {
    let conf = ServerConf {
        threads: 1,
        max_retries: 8,
        upstream_keepalive_pool_size: 512,
        ..ServerConf::default()
    };
    let gateway = Gateway::new(
        Arc::clone(&blueprint.core),
        Arc::clone(&site.origin),
        blueprint.bounds.head,
    );
    let mut app = http_proxy(&Arc::new(conf), gateway);
    let mut options = HttpServerOptions::default();
    options.h2c = true;
    options.h2_idle_timeout = Some(blueprint.bounds.idle_timeout);
    app.server_options = Some(options);
    let mut h2 = pingora::protocols::http::v2::server::default_h2_options();
    h2.max_header_list_size(u32::try_from(blueprint.bounds.head.bytes).unwrap_or(u32::MAX));
    app.h2_options = Some(h2);
    Conductor::new(app)
}
