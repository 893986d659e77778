//! The connection of a WebSocket client, lent to the HTTP library and taken back when the exchange is ended,
//! so that the client can be told why.
//! It refuses to write into the middle of a frame: then the connection is just closed.

use super::frames::{CloseCode, Frames};
use crate::live_connections::Ended;
use async_trait::async_trait;
use pingora::protocols::raw_connect::ProxyDigest;
use pingora::protocols::tls::{SslDigest, TlsRef};
use pingora::protocols::{
    ALPN, GetProxyDigest, GetSocketDigest, GetTimingDigest, Peek, Shutdown, SocketDigest, Ssl, Stream,
    TimingDigest, UniqueID, UniqueIDType,
};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

/// How long, and how much, is read of a client that was told to close.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: u64 = 256 * 1024;

type Returned = Arc<Mutex<Option<(Stream, Frames)>>>;

/// Where a lent connection comes back to.
pub struct Farewell(Returned);

/// A connection on loan.
#[derive(Debug)]
struct Lent {
    /// Gone only while it is dropped.
    stream: Option<Stream>,
    frames: Frames,
    owner: Returned,
}

/// Lends a connection.
pub fn lend(stream: Stream) -> (Stream, Farewell) {
    let owner = Returned::default();
    let lent = Lent {
        stream: Some(stream),
        frames: Frames::default(),
        owner: Arc::clone(&owner),
    };
    (Box::new(lent), Farewell(owner))
}

impl Farewell {
    /// Says why, if that can be said, and closes.
    pub async fn say(self, ended: Ended) {
        let returned = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((mut stream, _)) = returned.filter(|(_, frames)| frames.at_boundary()) else {
            return;
        };
        let (code, reason) = close(ended);
        let farewell = async {
            stream.write_all(&code.frame(reason)).await?;
            stream.flush().await?;
            AsyncWriteExt::shutdown(&mut stream).await?;
            let mut rest = (&mut stream).take(LINGER_BYTES);
            tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
        };
        if !matches!(tokio::time::timeout(LINGER, farewell).await, Ok(Ok(_))) {
            tracing::debug!("a client did not close its WebSocket");
        }
    }
}

/// RFC 6455 §7.4.1
const fn close(ended: Ended) -> (CloseCode, &'static str) {
    match ended {
        Ended::Revoked => (CloseCode::PolicyViolation, "the token was revoked"),
        Ended::Expired => (CloseCode::PolicyViolation, "the token has expired"),
        Ended::NotPermitted => (CloseCode::PolicyViolation, "the token is not active"),
        Ended::LeaseLapsed => (CloseCode::TryAgainLater, "the token cannot be checked now"),
        Ended::TooLong => (CloseCode::GoingAway, "open for as long as allowed"),
        Ended::GoingAway => (CloseCode::GoingAway, "the proxy is shutting down"),
        Ended::Forbidden => (CloseCode::PolicyViolation, "the token may not do this any more"),
        Ended::Exceeded => (
            CloseCode::PolicyViolation,
            "the plan of the account does not give this any more",
        ),
    }
}

impl Lent {
    fn stream(&mut self) -> io::Result<Pin<&mut Stream>> {
        self.stream
            .as_mut()
            .map(Pin::new)
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take() {
            let frames = std::mem::take(&mut self.frames);
            *self.owner.lock().unwrap_or_else(PoisonError::into_inner) = Some((stream, frames));
        }
    }
}

impl AsyncRead for Lent {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream()?.poll_read(cx, buffer)
    }
}

impl AsyncWrite for Lent {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.stream()?.poll_write(cx, bytes);
        if let Poll::Ready(Ok(count)) = &written {
            self.frames.wrote(bytes.get(..*count).unwrap_or(bytes));
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}

#[async_trait]
impl Shutdown for Lent {
    async fn shutdown(&mut self) {
        if let Some(stream) = &mut self.stream {
            Shutdown::shutdown(&mut **stream).await;
        }
    }
}

impl UniqueID for Lent {
    fn id(&self) -> UniqueIDType {
        self.stream.as_ref().map_or(-1, |stream| stream.id())
    }
}

impl Ssl for Lent {
    fn get_ssl(&self) -> Option<&TlsRef> {
        self.stream.as_ref()?.get_ssl()
    }

    fn get_ssl_digest(&self) -> Option<Arc<SslDigest>> {
        self.stream.as_ref()?.get_ssl_digest()
    }

    fn selected_alpn_proto(&self) -> Option<ALPN> {
        self.stream.as_ref()?.selected_alpn_proto()
    }
}

impl GetTimingDigest for Lent {
    fn get_timing_digest(&self) -> Vec<Option<TimingDigest>> {
        self.stream
            .as_ref()
            .map_or_else(Vec::new, |stream| stream.get_timing_digest())
    }
}

impl GetProxyDigest for Lent {
    fn get_proxy_digest(&self) -> Option<Arc<ProxyDigest>> {
        self.stream.as_ref()?.get_proxy_digest()
    }
}

impl GetSocketDigest for Lent {
    fn get_socket_digest(&self) -> Option<Arc<SocketDigest>> {
        self.stream.as_ref()?.get_socket_digest()
    }
}

impl Peek for Lent {}
