//! The way to the upstream of a WebSocket: a connection of its own, which is read only after it was written to.
//! It refuses to be pooled.

use async_trait::async_trait;
use pingora::connectors::L4Connect;
use pingora::protocols::ALPN;
use pingora::protocols::l4::socket::SocketAddr;
use pingora::protocols::l4::stream::Stream;
use pingora::protocols::l4::virt::{VirtualSockOpt, VirtualSocket, VirtualSocketStream};
use pingora::upstreams::peer::{HttpPeer, HttpUpstreamRequestPolicy};
use pingora::{Error, ErrorType, OrErr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Tunnels share no connection with anything else.
const GROUP: u64 = 0x7475_6e6e_656c;
/// A handshake with certificates on both sides turns around fewer times than this before the request.
const TURNS: u8 = 16;

/// Makes a peer lead to an upstream that may switch protocols.
pub fn prepare(peer: &mut HttpPeer) {
    let timeout = peer.options.connection_timeout;
    peer.group_key ^= GROUP;
    let options = &mut peer.options;
    // RFC 6455 §4.1: the handshake is one of HTTP/1.1.
    options.alpn = ALPN::H1;
    options.idle_timeout = Some(Duration::ZERO);
    options.http_upstream_request_policy = HttpUpstreamRequestPolicy::standard();
    options.custom_l4 = Some(Arc::new(Connect { timeout }));
}

#[derive(Debug)]
struct Connect {
    timeout: Option<Duration>,
}

#[async_trait]
impl L4Connect for Connect {
    async fn connect(&self, address: &SocketAddr) -> pingora::Result<Stream> {
        let address = address
            .as_inet()
            .ok_or_else(|| Error::explain(ErrorType::ConnectError, "tunnels lead to addresses only"))?;
        let connecting = TcpStream::connect(address);
        let socket = match self.timeout {
            Some(timeout) => tokio::time::timeout(timeout, connecting)
                .await
                .or_err(ErrorType::ConnectTimedout, "connecting a tunnel")?,
            None => connecting.await,
        };
        let socket = socket.or_err(ErrorType::ConnectError, "connecting a tunnel")?;
        let turned = Turned {
            socket,
            turns: TURNS,
            written: false,
        };
        Ok(VirtualSocketStream::new(Box::new(turned)).into())
    }
}

/// A socket that, written to, lets everybody else go first before it is read.
///
/// The HTTP library polls the response and the end of the request in random order, and takes the request's
/// end for that of the tunnel when it comes second. Letting the first read wait one turn puts it first.
#[derive(Debug)]
struct Turned {
    socket: TcpStream,
    turns: u8,
    written: bool,
}

impl AsyncRead for Turned {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.turns > 0 && std::mem::take(&mut self.written) {
            self.turns -= 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Pin::new(&mut self.socket).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Turned {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.written = true;
        Pin::new(&mut self.socket).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

impl VirtualSocket for Turned {
    fn set_socket_option(&self, option: VirtualSockOpt) -> std::io::Result<()> {
        match option {
            VirtualSockOpt::NoDelay => self.socket.set_nodelay(true),
            // Nothing here asks for others.
            _ => Ok(()),
        }
    }
}
