//! Reads one request head after another, and waits for each no longer than it may take.
//! It refuses heads that are slow or endless; what is in them it does not judge.

use super::connection::Bounds;
use crate::front_filter::{HeadError, HeadLimits, position};
use bytes::BytesMut;
use pingora::server::ShutdownWatch;
use std::pin::Pin;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, Sleep, sleep, timeout};

const FIRST_READ: usize = 2048;

/// What there is to judge; nothing when the client left, stayed idle, or the proxy shuts down.
pub type Head = Result<Option<Read>, HeadError>;

/// A head, what came with it, and where the one ends and the other begins.
pub struct Read {
    /// All that was read.
    pub bytes: BytesMut,
    /// Length of the head.
    pub end: usize,
}

/// What ends the wait for a request. Made once for a connection: beside a request, setting a timer costs much.
pub struct Patience {
    bounds: Bounds,
    idle: Pin<Box<Sleep>>,
    leaving: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Patience {
    /// For a connection of a proxy that may shut down.
    pub fn new(bounds: Bounds, mut shutdown: ShutdownWatch) -> Self {
        Self {
            bounds,
            idle: Box::pin(sleep(bounds.idle_timeout)),
            leaving: Box::pin(async move { shut_down(&mut shutdown).await }),
        }
    }

    /// Reads up to the end of a head.
    pub async fn read_head<S: AsyncRead + Unpin + ?Sized>(&mut self, stream: &mut S) -> Head {
        let mut bytes = BytesMut::with_capacity(FIRST_READ);
        if !self.begins(stream, &mut bytes).await {
            return Ok(None);
        }
        // Nearly every head comes in one piece.
        skip_empty_line(&mut bytes);
        if let Some(end) = head_end(&bytes, 0) {
            return Ok(Some(Read { bytes, end }));
        }
        let rest = read_rest(stream, &mut bytes, &self.bounds.head);
        match timeout(self.bounds.head_timeout, rest).await {
            Ok(Ok(end)) => Ok(end.map(|end| Read { bytes, end })),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(HeadError::TooSlow),
        }
    }

    /// Waits for the first bytes; whether there are any.
    async fn begins<S: AsyncRead + Unpin + ?Sized>(&mut self, stream: &mut S, bytes: &mut BytesMut) -> bool {
        let due = Instant::now() + self.bounds.idle_timeout;
        loop {
            tokio::select! {
                biased;
                read = stream.read_buf(bytes) => return matches!(read, Ok(count) if count > 0),
                () = &mut self.leaving => return false,
                () = &mut self.idle => {
                    if Instant::now() >= due {
                        return false;
                    }
                    // It was set for a request that came meanwhile.
                    self.idle.as_mut().reset(due);
                }
            }
        }
    }
}

async fn read_rest<S: AsyncRead + Unpin + ?Sized>(
    stream: &mut S,
    bytes: &mut BytesMut,
    limits: &HeadLimits,
) -> Result<Option<usize>, HeadError> {
    let mut searched = 0;
    loop {
        if let Some(end) = head_end(bytes, searched) {
            return Ok(Some(end));
        }
        if bytes.len() > limits.bytes {
            return Err(too_long(bytes, limits));
        }
        searched = bytes.len();
        bytes.reserve(FIRST_READ);
        match stream.read_buf(bytes).await {
            Ok(0) | Err(_) => return Ok(None),
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
    while let Some(step) = position(tail.get(at..)?, |byte| byte == b'\r') {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::front_filter::HeadLimits;
    use std::time::Duration;
    use tokio::io::AsyncWriteExt;
    use tokio::sync::watch;

    fn patience(shutdown: ShutdownWatch) -> Patience {
        let head = HeadLimits {
            bytes: 100,
            fields: 9,
            url: 50,
        };
        let bounds = Bounds {
            head,
            head_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(10),
        };
        Patience::new(bounds, shutdown)
    }

    /// Each wait is as long as the first, whenever the timer was set.
    #[tokio::test(start_paused = true)]
    async fn a_connection_is_idle_from_its_last_request_on() {
        let (_down, shutdown) = watch::channel(false);
        let (mut client, mut server) = tokio::io::duplex(100);
        let mut patience = patience(shutdown);
        for _ in 0..3 {
            tokio::time::advance(Duration::from_secs(7)).await;
            client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
            assert_eq!(patience.read_head(&mut server).await.unwrap().unwrap().end, 18);
        }
        let before = Instant::now();
        assert!(patience.read_head(&mut server).await.unwrap().is_none());
        assert_eq!(before.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_comes_in_drops_is_too_slow() {
        let (_down, shutdown) = watch::channel(false);
        let (mut client, mut server) = tokio::io::duplex(100);
        client.write_all(b"GET / HT").await.unwrap();
        let error = patience(shutdown).read_head(&mut server).await.err();
        assert_eq!(error, Some(HeadError::TooSlow));
    }

    #[tokio::test]
    async fn nobody_waits_while_the_proxy_shuts_down() {
        let (down, shutdown) = watch::channel(false);
        let (_client, mut server) = tokio::io::duplex(100);
        let mut patience = patience(shutdown);
        let (head, ()) = tokio::join!(patience.read_head(&mut server), async {
            down.send_replace(true);
        });
        assert!(head.unwrap().is_none());
    }

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
