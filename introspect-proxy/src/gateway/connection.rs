//! One client connection: judges each request head, then hands it to pingora.
//! It refuses heads that are ambiguous before any parser sees them.

use super::checked_stream::CheckedStream;
use super::conductor::Conductor;
use super::farewell::lend;
use super::head::{Head, Patience, Read};
use super::worker::Departure;
use crate::front_filter::{Chunks, HeadError, HeadLimits, Scheme, TargetForm, judge, to_origin_form};
use crate::metrics::Metrics;
use bytes::BytesMut;
use pingora::apps::ServerApp;
use pingora::protocols::Stream;
use pingora::protocols::http::ServerSession;
use pingora::protocols::l4::stream::Stream as Socket;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const KEEPALIVE_SECONDS: u64 = 60;
const H2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\n";
/// How long, and how much, is read from a refused client so that it can read the answer.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 256 * 1024;

/// What a connection is bound by.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bounds on a head.
    pub head: HeadLimits,
    /// From the first byte of a head to its last.
    pub head_timeout: Duration,
    /// Between two requests.
    pub idle_timeout: Duration,
}

/// What every connection of a worker needs.
pub struct Terms {
    /// The bounds.
    pub bounds: Bounds,
    /// What is spoken on it.
    pub scheme: Scheme,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// The two steps of leaving.
    pub departure: Departure,
}

/// Serves a plain connection, HTTP/1.1 or HTTP/2 by its first bytes.
pub async fn serve_plain(app: Arc<Conductor>, mut socket: Socket, terms: Terms) {
    let mut patience = Patience::new(terms.bounds, terms.departure.shutdown.clone());
    match patience.read_head(&mut socket).await {
        Ok(Some(head)) if head.bytes.starts_with(H2_PREFACE) => {
            socket.rewind(&head.bytes);
            drop(patience);
            app.process_new(Box::new(socket), &terms.departure.leaving).await;
        }
        first => serve_http1(app, Box::new(socket), (patience, first), terms).await,
    }
}

/// Serves a TLS connection after its handshake.
pub async fn serve_tls(app: Arc<Conductor>, mut stream: Stream, http2: bool, terms: Terms) {
    if http2 {
        app.process_new(stream, &terms.departure.leaving).await;
        return;
    }
    let mut patience = Patience::new(terms.bounds, terms.departure.shutdown.clone());
    let first = patience.read_head(&mut stream).await;
    serve_http1(app, stream, (patience, first), terms).await;
}

/// A head that passed, and what came with it.
struct First {
    bytes: BytesMut,
    /// How far a chunked body was read.
    body: Option<Chunks>,
    /// Whether the client asks for a WebSocket.
    websocket: bool,
}

async fn serve_http1(
    app: Arc<Conductor>,
    mut stream: Stream,
    (mut patience, mut head): (Patience, Head),
    terms: Terms,
) {
    let mut settings = None;
    loop {
        let First {
            bytes,
            body,
            websocket,
        } = match judged(head, &terms) {
            Ok(Some(first)) => first,
            Ok(None) => return,
            Err(error) => {
                terms.metrics.heads_refused.increment(1);
                tracing::info!(reason = %error, "request head refused");
                return refuse(stream, error).await;
            }
        };
        let mut farewell = None;
        if websocket {
            let (lent, owner) = lend(stream);
            (stream, farewell) = (lent, Some(owner));
        }
        if let Some(body) = body {
            stream = CheckedStream::wrap(stream, body);
        }
        let mut session = ServerSession::new_http1(stream);
        if let Some(settings) = settings.take() {
            pingora::apps::HttpPersistentSettings::apply_to_session(settings, &mut session);
        }
        session.set_keepalive(if *terms.departure.leaving.borrow() {
            None
        } else {
            Some(KEEPALIVE_SECONDS)
        });
        session.set_pipelined_prefix(bytes);
        let reused = match app.serve(session, &terms.departure.leaving).await {
            Ok(Some(reused)) => reused,
            Ok(None) => return,
            Err(ended) => {
                if let Some(farewell) = farewell {
                    farewell.say(ended).await;
                }
                return;
            }
        };
        (stream, settings) = reused.consume();
        stream = CheckedStream::unwrap(stream);
        head = patience.read_head(&mut stream).await;
    }
}

/// The head, and what came with it, when both pass the front filter; a URL in it becomes a path.
fn judged(head: Head, terms: &Terms) -> Result<Option<First>, HeadError> {
    let Some(Read { mut bytes, end }) = head? else {
        return Ok(None);
    };
    let passed = judge(&bytes[..end], &terms.bounds.head)?;
    let mut body = passed.chunked.then(Chunks::default);
    if let Some(body) = &mut body {
        body.feed(&bytes[end..])?;
    }
    if passed.form == TargetForm::Absolute {
        let mut rewritten = to_origin_form(&bytes[..end], terms.scheme)?;
        rewritten.extend_from_slice(&bytes[end..]);
        bytes = rewritten;
    }
    Ok(Some(First {
        bytes,
        body,
        websocket: passed.websocket,
    }))
}

async fn refuse(mut stream: Stream, error: HeadError) {
    let (status, reason) = error.status();
    let code = if error == HeadError::Misdirected {
        "misdirected_request"
    } else {
        "malformed_request"
    };
    let body = format!(
        "{{\"type\":\"about:blank\",\"title\":\"{reason}\",\"status\":{status},\"detail\":\"{error}\",\"code\":\"{code}\"}}"
    );
    let answer = format!(
        "HTTP/1.1 {status} {reason}\r\nContent-Type: application/problem+json\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let farewell = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.flush().await?;
        AsyncWriteExt::shutdown(&mut stream).await?;
        let mut rest = (&mut stream).take(LINGER_BYTES as u64);
        tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
    };
    if !matches!(tokio::time::timeout(LINGER, farewell).await, Ok(Ok(_))) {
        tracing::debug!("a refused client did not close");
    }
}
