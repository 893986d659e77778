//! One client connection: reads each request head itself, judges it, then hands it to pingora.
//! It refuses heads that are slow, large or ambiguous before any parser sees them.

use super::checked_stream::CheckedStream;
use super::conductor::Conductor;
use super::farewell::lend;
use super::worker::Departure;
use crate::front_filter::{Chunks, HeadError, HeadLimits, Scheme, TargetForm, judge, to_origin_form};
use crate::metrics::Metrics;
use bytes::BytesMut;
use pingora::apps::ServerApp;
use pingora::protocols::Stream;
use pingora::protocols::http::ServerSession;
use pingora::protocols::l4::stream::Stream as Socket;
use pingora::server::ShutdownWatch;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

const FIRST_READ: usize = 2048;
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
pub async fn serve_plain(app: Arc<Conductor>, mut socket: Socket, mut terms: Terms) {
    match read_head(&mut socket, &terms.bounds, &mut terms.departure.shutdown).await {
        Ok(Some(head)) if head.starts_with(H2_PREFACE) => {
            socket.rewind(&head);
            app.process_new(Box::new(socket), &terms.departure.leaving).await;
        }
        first => serve_http1(app, Box::new(socket), first, terms).await,
    }
}

/// Serves a TLS connection after its handshake.
pub async fn serve_tls(app: Arc<Conductor>, mut stream: Stream, http2: bool, mut terms: Terms) {
    if http2 {
        app.process_new(stream, &terms.departure.leaving).await;
        return;
    }
    let first = read_head(&mut stream, &terms.bounds, &mut terms.departure.shutdown).await;
    serve_http1(app, stream, first, terms).await;
}

type Head = Result<Option<BytesMut>, HeadError>;

/// A head that passed, and what came with it.
struct First {
    bytes: BytesMut,
    /// How far a chunked body was read.
    body: Option<Chunks>,
    /// Whether the client asks for a WebSocket.
    websocket: bool,
}

async fn serve_http1(app: Arc<Conductor>, mut stream: Stream, mut head: Head, mut terms: Terms) {
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
        head = read_head(&mut stream, &terms.bounds, &mut terms.departure.shutdown).await;
    }
}

/// The head, and what came with it, when both pass the front filter; a URL in it becomes a path.
fn judged(head: Head, terms: &Terms) -> Result<Option<First>, HeadError> {
    let Some(mut bytes) = head? else { return Ok(None) };
    let end = head_end(&bytes, 0).ok_or(HeadError::Malformed("the head has no end"))?;
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

/// Reads up to the end of a head; `None` when the client leaves, stays idle, or the proxy shuts down.
async fn read_head<S: AsyncRead + Unpin + ?Sized>(
    stream: &mut S,
    bounds: &Bounds,
    shutdown: &mut ShutdownWatch,
) -> Head {
    let mut bytes = BytesMut::with_capacity(FIRST_READ);
    let first = tokio::select! {
        biased;
        read = tokio::time::timeout(bounds.idle_timeout, stream.read_buf(&mut bytes)) => read,
        () = shut_down(shutdown) => return Ok(None),
    };
    if !matches!(first, Ok(Ok(count)) if count > 0) {
        return Ok(None);
    }
    // Nearly every head comes in one piece, and then there is no timer.
    skip_empty_line(&mut bytes);
    if head_end(&bytes, 0).is_some() {
        return Ok(Some(bytes));
    }
    match tokio::time::timeout(bounds.head_timeout, read_rest(stream, &mut bytes, &bounds.head)).await {
        Ok(Ok(true)) => Ok(Some(bytes)),
        Ok(Ok(false)) => Ok(None),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(HeadError::TooSlow),
    }
}

async fn read_rest<S: AsyncRead + Unpin + ?Sized>(
    stream: &mut S,
    bytes: &mut BytesMut,
    limits: &HeadLimits,
) -> Result<bool, HeadError> {
    let mut searched = 0;
    loop {
        if head_end(bytes, searched).is_some() {
            return Ok(true);
        }
        if bytes.len() > limits.bytes {
            return Err(too_long(bytes, limits));
        }
        searched = bytes.len();
        bytes.reserve(FIRST_READ);
        match stream.read_buf(bytes).await {
            Ok(0) | Err(_) => return Ok(false),
            Ok(_) => skip_empty_line(bytes),
        }
    }
}

/// An endless first line is a long URL, anything else a large head.
fn too_long(bytes: &[u8], limits: &HeadLimits) -> HeadError {
    let first_line = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(bytes.len());
    if first_line > limits.url {
        HeadError::UrlTooLong
    } else {
        HeadError::TooLarge
    }
}

/// Where the head ends, looking only at what was not searched before.
fn head_end(bytes: &[u8], searched: usize) -> Option<usize> {
    let from = searched.saturating_sub(3);
    let tail = bytes.get(from..)?;
    let mut at = 0;
    while let Some(step) = tail.get(at..)?.iter().position(|byte| *byte == b'\r') {
        at += step;
        if tail[at..].starts_with(b"\r\n\r\n") {
            return Some(from + at + 4);
        }
        at += 1;
    }
    None
}

/// RFC 9112 §2.2: one empty line before a request is no part of it.
fn skip_empty_line(bytes: &mut BytesMut) {
    if bytes.starts_with(b"\r\n") {
        let _empty_line = bytes.split_to(2);
    }
}

async fn shut_down(shutdown: &mut ShutdownWatch) {
    if shutdown.wait_for(|down| *down).await.is_err() {
        std::future::pending::<()>().await;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_found_however_the_bytes_are_cut() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nbody";
        for cut in 0..head.len() {
            let found = head_end(&head[..cut], 0).or_else(|| head_end(head, cut));
            assert_eq!(found, Some(27), "cut at {cut}");
        }
        assert_eq!(head_end(b"\r\r\n\r\n", 0), Some(5));
        assert_eq!(head_end(b"a\r\n\r", 0), None);
    }
}
