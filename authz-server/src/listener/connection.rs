//! One connection: TLS if configured, HTTP/1 or HTTP/2, bounds on time and size.
//! Refuses peers that take longer than [`FIRST_REQUEST`] to say what they want.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, response::Response};
use http::Request;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::Watcher},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time,
};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tower::Service as _;

use super::Certificates;
use crate::http::{CertificateChain, ClientCertificate};

/// From accepting a connection to its first complete request head.
const FIRST_REQUEST: Duration = Duration::from_secs(10);
/// Between the requests of one HTTP/1 connection, and for each further request head.
const HEADER_READ: Duration = Duration::from_secs(10);
/// 8 KiB of request line and 32 KiB of headers.
const HEAD_BYTES: usize = 40 * 1024;
const HEADER_FIELDS: usize = 100;

/// Who is at the other end of the connection that a request came over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The socket address.
    pub address: SocketAddr,
    /// Whether the connection itself is encrypted.
    pub secure: bool,
}

/// What answers the requests of a listener; cheap to clone.
pub trait Answers: Clone + Send + Sync + 'static {
    fn answer(self, request: Request<Incoming>) -> impl Future<Output = Response> + Send + 'static;
}

impl Answers for Router {
    async fn answer(mut self, request: Request<Incoming>) -> Response {
        match self.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// What all connections of a listener share.
#[derive(Clone)]
pub(super) struct Connections<A> {
    doors: A,
    tls: Option<Certificates>,
    http: Arc<Builder<TokioExecutor>>,
    cut: CancellationToken,
}

impl<A: Answers> Connections<A> {
    pub(super) fn new(doors: A, tls: Option<Certificates>) -> Self {
        Self {
            doors,
            tls,
            http: Arc::new(http()),
            cut: CancellationToken::new(),
        }
    }

    /// Ends every connection that is still there.
    pub(super) fn cut(&self) {
        self.cut.cancel();
    }

    pub(super) async fn run(self, stream: TcpStream, address: SocketAddr, watcher: Watcher) {
        let cut = self.cut.clone();
        tokio::select! {
            () = self.accept(stream, address, watcher) => {}
            () = cut.cancelled() => {}
        }
    }

    async fn accept(self, stream: TcpStream, address: SocketAddr, watcher: Watcher) {
        let peer = Peer {
            address,
            secure: self.tls.is_some(),
        };
        let Some(tls) = &self.tls else {
            return self.speak(stream, (peer, None), watcher).await;
        };
        match time::timeout(FIRST_REQUEST, tls.acceptor().accept(stream)).await {
            Ok(Ok(stream)) => {
                let certificate = certificate(&stream);
                self.speak(stream, (peer, certificate), watcher).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn speak<S>(&self, stream: S, (peer, certificate): (Peer, Option<Shown>), watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let begun = Arc::new(AtomicBool::new(false));
        let service = service_fn(|mut request: Request<Incoming>| {
            begun.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(peer);
            if let Some((digest, chain)) = &certificate {
                request.extensions_mut().insert(*digest);
                request.extensions_mut().insert(chain.clone());
            }
            let answer = self.doors.clone().answer(request);
            async move { Ok::<_, Infallible>(answer.await) }
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), service);
        let silence = async {
            time::sleep(FIRST_REQUEST).await;
            if begun.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            ended = watcher.watch(connection) => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
            }
            () = silence => tracing::debug!("a connection brought no request in time"),
        }
    }
}

type Shown = (ClientCertificate, CertificateChain);

fn certificate(stream: &TlsStream<TcpStream>) -> Option<Shown> {
    let shown = stream.get_ref().1.peer_certificates()?;
    let digest = ClientCertificate::of(shown.first()?);
    let chain = shown.iter().map(|certificate| certificate.to_vec());
    Some((digest, CertificateChain(chain.collect())))
}

fn http() -> Builder<TokioExecutor> {
    let mut http = Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ)
        .max_headers(HEADER_FIELDS)
        .max_buf_size(HEAD_BYTES);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(256)
        .max_header_list_size(u32::try_from(HEAD_BYTES).unwrap_or(u32::MAX))
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10));
    http
}
