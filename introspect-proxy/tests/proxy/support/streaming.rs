//! A service whose answers last: event streams, endless and long bodies, uploads that it counts.
//! It refuses to go on by itself: each further piece is sent when a test says so.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures::{Stream, StreamExt};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

/// Bytes of one piece of a long body.
pub const PIECE: usize = 1000;

/// The service.
#[derive(Clone)]
pub struct StreamingUpstream {
    pub address: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    pieces: watch::Sender<usize>,
    heads_held: watch::Sender<bool>,
    waiting: AtomicUsize,
    open: AtomicUsize,
    received: AtomicUsize,
}

struct Open(Arc<Inner>);

impl Open {
    fn new(inner: &Arc<Inner>) -> Self {
        inner.open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(inner))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl StreamingUpstream {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            pieces: watch::Sender::new(1),
            heads_held: watch::Sender::new(false),
            waiting: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            received: AtomicUsize::new(0),
        });
        let router = Router::new()
            .route("/{rule}/events", get(events))
            .route("/{rule}/endless", get(endless))
            .route("/{rule}/download/{pieces}", get(download))
            .route("/{rule}/upload", post(upload))
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, inner }
    }

    /// As a table of the configuration, named `streaming`.
    pub fn table(&self) -> String {
        format!(
            "[[upstreams]]\nname = \"streaming\"\naddresses = [\"{}\"]\n",
            self.address
        )
    }

    /// Lets every stream send one more piece; each begins with one.
    pub fn go_on(&self) {
        self.inner.pieces.send_modify(|pieces| *pieces += 1);
    }

    /// Lets streams wait before their head.
    pub fn hold_heads(&self, held: bool) {
        self.inner.heads_held.send_replace(held);
    }

    /// Requests whose head is held.
    pub fn waiting(&self) -> usize {
        self.inner.waiting.load(Ordering::SeqCst)
    }

    /// Streams that somebody still reads.
    pub fn open(&self) -> usize {
        self.inner.open.load(Ordering::SeqCst)
    }

    /// Bytes of uploads so far.
    pub fn received(&self) -> usize {
        self.inner.received.load(Ordering::SeqCst)
    }
}

type Shared = State<Arc<Inner>>;

/// The numbers of pieces, one whenever a test lets one go.
fn pieces(inner: &Arc<Inner>) -> impl Stream<Item = usize> + use<> {
    let open = Open::new(inner);
    let state = (inner.pieces.subscribe(), 0, open);
    futures::stream::unfold(state, |(mut pieces, sent, open)| async move {
        pieces.wait_for(|allowed| *allowed > sent).await.unwrap();
        Some((sent, (pieces, sent + 1, open)))
    })
}

async fn events(State(inner): Shared) -> Response {
    inner.waiting.fetch_add(1, Ordering::SeqCst);
    let mut held = inner.heads_held.subscribe();
    held.wait_for(|held| !held).await.unwrap();
    inner.waiting.fetch_sub(1, Ordering::SeqCst);
    let events = pieces(&inner).map(|number| Ok::<_, Infallible>(Event::default().data(number.to_string())));
    Sse::new(events).into_response()
}

async fn endless(State(inner): Shared) -> Response {
    let body = pieces(&inner).map(|_| Ok::<_, Infallible>(Bytes::from(vec![b'x'; PIECE])));
    Body::from_stream(body).into_response()
}

async fn download(State(inner): Shared, Path((_, count)): Path<(String, usize)>) -> Response {
    let body = pieces(&inner)
        .take(count)
        .map(|_| Ok::<_, Infallible>(Bytes::from(vec![b'x'; PIECE])));
    let headers = [
        (CONTENT_LENGTH, (count * PIECE).to_string()),
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
    ];
    (headers, Body::from_stream(body)).into_response()
}

async fn upload(State(inner): Shared, body: Body) -> String {
    let _open = Open::new(&inner);
    let mut body = body.into_data_stream();
    let mut total = 0;
    while let Some(Ok(piece)) = body.next().await {
        total += piece.len();
        inner.received.fetch_add(piece.len(), Ordering::SeqCst);
    }
    total.to_string()
}
