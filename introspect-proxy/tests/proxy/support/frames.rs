//! HTTP/2 frames written by hand, so that they may say what no client library would.
//! It refuses compression: every field is a literal without indexing (RFC 7541 §6.2.2).

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// `:status: 200` of the static table.
const STATUS_200: u8 = 0x88;

/// How the other side took a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Answered with status 200.
    Passed,
    /// Answered with another status.
    Refused,
    /// RST_STREAM, GOAWAY, or the connection ended.
    Cut,
}

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

pub fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in fields {
        bytes.push(0);
        for text in [name, value] {
            bytes.push(u8::try_from(text.len()).unwrap());
            bytes.extend(text.as_bytes());
        }
    }
    bytes
}

/// Sends one request with prior knowledge and tells how it was taken.
pub async fn ask(address: std::net::SocketAddr, fields: &[(&str, &str)], body: Option<&[u8]>) -> Taken {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(SETTINGS, 0, 0, &[]));
    let end = if body.is_none() { END_STREAM } else { 0 };
    bytes.extend(frame(HEADERS, END_HEADERS | end, 1, &block(fields)));
    if let Some(body) = body {
        bytes.extend(frame(DATA, END_STREAM, 1, body));
    }
    if socket.write_all(&bytes).await.is_err() {
        return Taken::Cut;
    }
    loop {
        let Some((kind, payload)) = next(&mut socket).await else {
            return Taken::Cut;
        };
        match kind {
            HEADERS if payload.first() == Some(&STATUS_200) => return Taken::Passed,
            HEADERS => return Taken::Refused,
            RST_STREAM | GOAWAY => return Taken::Cut,
            _ => {}
        }
    }
}

async fn next(socket: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 9];
    socket.read_exact(&mut head).await.ok()?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; usize::try_from(length).ok()?];
    socket.read_exact(&mut payload).await.ok()?;
    Some((head[3], payload))
}
